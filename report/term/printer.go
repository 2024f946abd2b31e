package term

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Limits of what one value of the trace may take of the screen.
const (
	nameColumns   = 40
	pathColumns   = 60
	sourceColumns = 160
)

// printer writes lines and remembers the first error, so that only the end has to ask for it.
type printer struct {
	w   io.Writer
	o   Options
	cwd string // of the recorded process that is being written about; paths below it are shortened
	err error

	told map[*analyze.Live]bool // that an earlier finding has described
}

func newPrinter(w io.Writer, o Options, run *analyze.Run) *printer {
	p := &printer{w: w, o: o, told: map[*analyze.Live]bool{}}
	p.about(run, nil)
	return p
}

// about sets the process whose paths follow; nil: the main one.
func (p *printer) about(run *analyze.Run, process *analyze.Process) {
	p.cwd = ""
	if process != nil {
		p.cwd = process.Cwd
		return
	}
	for _, candidate := range run.Processes {
		if candidate.Main {
			p.cwd = candidate.Cwd
			return
		}
	}
}

func (p *printer) linef(format string, args ...any) {
	if p.err != nil {
		return
	}
	line := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	_, p.err = io.WriteString(p.w, line+"\n")
}

// clean makes text of the trace fit to be written.
func (p *printer) clean(s string) string { return clean(s, p.o.ASCII) }

// path returns a file name as the author of the program would write it.
func (p *printer) path(file string) string {
	if p.cwd != "" && filepath.IsAbs(file) {
		if rel, err := filepath.Rel(p.cwd, file); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			file = rel
		}
	}
	columns := pathColumns
	if p.o.Width > 0 {
		columns = min(pathColumns, max(p.o.Width/2, 20))
	}
	return middle(p.clean(file), columns, p.o.ASCII)
}

// at returns "app.py:23".
func (p *printer) at(f *analyze.Frame) string {
	file := f.File
	if !f.User {
		file = libraryRoots.ReplaceAllString(file, "")
	}
	if f.Line == 0 {
		return p.path(file)
	}
	return fmt.Sprintf("%s:%d", p.path(file), f.Line)
}

// libraryRoots is what a file of a library is told without: where the interpreter is installed says nothing.
var libraryRoots = regexp.MustCompile(`^.*/(?:site-packages|dist-packages|python3(?:\.\d+)?)/`)

// place returns "app.py:23 in main".
func (p *printer) place(f *analyze.Frame) string {
	if f.Function == "" {
		return p.at(f)
	}
	return p.at(f) + " in " + p.name(f.Function)
}

// name returns a name of the program, shortened.
func (p *printer) name(s string) string { return middle(p.clean(s), nameColumns, p.o.ASCII) }

// task returns the name of a task, in quotes if it could be misread.
func (p *printer) task(t *analyze.Task) string {
	if t.Name == "" {
		return fmt.Sprintf("#%d", t.ID)
	}
	name := p.name(t.Name)
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ',' || r == '"' || r == '\\' }) {
		return `"` + name + `"`
	}
	return name
}

// numbered returns the number and the name of a task: "task 3 poller". The names that asyncio gives are that already: "Task-3".
func (p *printer) numbered(t *analyze.Task) string {
	switch t.Name {
	case "":
		return fmt.Sprintf("task %d", t.ID)
	case fmt.Sprintf("Task-%d", t.ID):
		return p.task(t)
	}
	return fmt.Sprintf("task %d %s", t.ID, p.task(t))
}

// source returns the source line of a frame, "" if it is not known.
func (p *printer) source(f *analyze.Frame) string {
	return end(cleanSource(f.Text, p.o.ASCII), sourceColumns, p.o.ASCII)
}

// room returns the columns left after an indent, 0 if there is no limit. Narrow terminals get long lines rather than
// columns of single letters.
func (p *printer) room(indent int) int {
	if p.o.Width <= 0 {
		return 0
	}
	return max(p.o.Width-indent, 20)
}

// paragraph writes text under a lead; the lines after the first are indented.
func (p *printer) paragraph(lead string, leadStyle style, text string, textStyle style, indent int) {
	for i, l := range wrap(text, p.room(indent), max(width(lead)-indent, 0)) {
		if i == 0 {
			p.linef("%s%s", p.o.paint(leadStyle, lead), p.o.paint(textStyle, l))
			continue
		}
		p.linef("%s%s", strings.Repeat(" ", indent), p.o.paint(textStyle, l))
	}
}

// item writes an indented line of clean text, shortened at its end to the width.
func (p *printer) item(indent int, text string) {
	p.linef("%s%s", strings.Repeat(" ", indent), end(text, p.room(indent), p.o.ASCII))
}
