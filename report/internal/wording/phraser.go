package wording

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// MessageColumns bounds what a message, evidence or fix may take of the screen; they can hold names of the program.
const MessageColumns = 600

// Text returns a sentence of a rule, made harmless and bounded.
func (p *Phraser) Text(s string) string { return End(p.Clean(s), MessageColumns, p.ASCII) }

// Process names one process of several.
func (p *Phraser) Process(process *analyze.Process) string {
	text := fmt.Sprintf("%d", process.PID)
	switch {
	case process.PID == 0 && process.Go():
		return "of a Go program, " + p.Clean(process.Runtime)
	case process.Main && !process.TestBinary(): // go test started that
		text += ", the command itself"
	case process.Forked && process.Parent != nil:
		text += fmt.Sprintf(", forked from %d", process.Parent.PID)
	case process.Parent != nil:
		text += fmt.Sprintf(", started by %d", process.Parent.PID)
	}
	if process.Twin != nil {
		text += map[bool]string{true: " (its goroutines)", false: " (as its recorder tells)"}[process.Recorder == "runtime/trace"]
	}
	if len(process.Argv) > 0 {
		text += ": " + p.Command(process.Argv)
	}
	return text
}

// WithSource returns "app.py:8 in consume: item = await queue.get()".
func (p *Phraser) WithSource(f *analyze.Frame) string {
	if text := p.Source(f); text != "" {
		return p.Place(f) + ": " + text
	}
	return p.Place(f)
}

// Limits of what one value of the trace may take of the screen.
const (
	NameColumns   = 40
	PathColumns   = 60
	SourceColumns = 160
)

// About sets the process whose paths follow; nil: the main one.
func (p *Phraser) About(run *analyze.Run, process *analyze.Process) {
	p.cwd, p.golang = "", false
	if process != nil {
		p.cwd, p.golang = process.Dir(), process.Go()
		return
	}
	for _, candidate := range run.Processes {
		if candidate.Main {
			p.cwd, p.golang = candidate.Dir(), candidate.Go()
			return
		}
	}
}

// Clean makes text of the trace fit to be written.
func (p *Phraser) Clean(s string) string { return Clean(s, p.ASCII) }

// Path returns a file name as the author of the program would write it.
func (p *Phraser) Path(file string) string {
	if p.cwd != "" && filepath.IsAbs(file) {
		if rel, err := filepath.Rel(p.cwd, file); err == nil && rel != ".." && !strings.HasPrefix(rel, "../") {
			file = rel
		}
	}
	columns := PathColumns
	if p.Width > 0 {
		columns = min(PathColumns, max(p.Width/2, 20))
	}
	return Middle(p.Clean(file), columns, p.ASCII)
}

// At returns "app.py:23".
func (p *Phraser) At(f *analyze.Frame) string {
	file := f.File
	if !f.User {
		file = libraryRoots.ReplaceAllString(file, "")
	}
	if f.Line == 0 {
		return p.Path(file)
	}
	return fmt.Sprintf("%s:%d", p.Path(file), f.Line)
}

// libraryRoots is what a file of a library is told without: where the interpreter is installed says nothing.
var libraryRoots = regexp.MustCompile(`^.*/(?:site-packages|dist-packages|python3(?:\.\d+)?)/`)

// Place returns "app.py:23 in main".
func (p *Phraser) Place(f *analyze.Frame) string {
	if f.Function == "" {
		return p.At(f)
	}
	return p.At(f) + " in " + p.Name(f.Function)
}

// Name returns a name of the program, shortened.
func (p *Phraser) Name(s string) string { return Middle(p.Clean(s), NameColumns, p.ASCII) }

// Task returns the name of a task, in quotes if it could be misread.
func (p *Phraser) Task(t *analyze.Task) string {
	if t.Name == "" {
		return fmt.Sprintf("#%d", t.ID)
	}
	name := p.Name(t.Name)
	if goroutineName(name) {
		return name
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ',' || r == '"' || r == '\\' }) {
		return `"` + name + `"`
	}
	return name
}

// Numbered returns the number and the name of a task: "task 3 poller". The names that asyncio gives are that already: "Task-3".
// Goroutines are told with what they run: "goroutine 17 (app.(*Pool).work)".
func (p *Phraser) Numbered(t *analyze.Task) string {
	switch {
	case t.Name == "":
		return fmt.Sprintf("task %d", t.ID)
	case t.Name == fmt.Sprintf("Task-%d", t.ID):
		return p.Task(t)
	case goroutineName(t.Name):
		if does := p.Function(t); does != "" {
			return t.Name + " (" + does + ")"
		}
		return t.Name
	}
	return fmt.Sprintf("task %d %s", t.ID, p.Task(t))
}

// Source returns the source line of a frame, "" if it is not known.
func (p *Phraser) Source(f *analyze.Frame) string {
	return End(CleanSource(f.Text, p.ASCII), SourceColumns, p.ASCII)
}

// Phraser names the things of a run. The zero value writes UTF-8 at any length of line.
type Phraser struct {
	ASCII  bool
	Width  int // columns to fit in, 0: unlimited; paths are shortened to half of it
	cwd    string
	golang bool // of a Go program
}
