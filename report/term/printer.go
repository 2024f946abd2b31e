package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// printer writes lines and remembers the first error, so that only the end has to ask for it.
type printer struct {
	wording.Phraser // about the process that is being written about
	w               io.Writer
	o               Options
	err             error

	told map[*analyze.Live]bool // that an earlier finding has described
}

func newPrinter(w io.Writer, o Options, run *analyze.Run) *printer {
	p := &printer{w: w, o: o, Phraser: wording.Phraser{ASCII: o.ASCII, Width: o.Width}, told: map[*analyze.Live]bool{}}
	p.About(run, nil)
	return p
}

func (p *printer) linef(format string, args ...any) {
	if p.err != nil {
		return
	}
	line := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	_, p.err = io.WriteString(p.w, line+"\n")
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
	for i, l := range wording.Wrap(text, p.room(indent), max(wording.Width(lead)-indent, 0)) {
		if i == 0 {
			p.linef("%s%s", p.o.paint(leadStyle, lead), p.o.paint(textStyle, l))
			continue
		}
		p.linef("%s%s", strings.Repeat(" ", indent), p.o.paint(textStyle, l))
	}
}

// item writes an indented line of clean text, shortened at its end to the width.
func (p *printer) item(indent int, text string) {
	p.linef("%s%s", strings.Repeat(" ", indent), wording.End(text, p.room(indent), p.o.ASCII))
}
