package term

import (
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// excerpt writes the source line of a frame with a caret line under the span that matters:
//
//	  --> app.py:23 in shutdown
//	   |
//	23 | loop.close()
//	   | ^^^^^^^^^^^^ 2 tasks are still pending here
func (p *printer) excerpt(f *analyze.Frame, s style, label string, needles ...string) {
	number := strconv.Itoa(f.Line)
	gutter := strings.Repeat(" ", len(number)+1)
	bar := p.o.paint(blue, "|")
	place := wording.End(p.Place(f), p.room(len(number)+4), p.o.ASCII)
	p.linef("%s%s %s", strings.Repeat(" ", len(number)), p.o.paint(blue, "-->"), place)
	text := wording.CleanSource(f.Text, p.o.ASCII)
	if text == "" {
		p.linef("%s%s (source not available)", gutter, bar)
		return
	}
	from, to := wording.Span(text, needles)
	room := p.room(len(gutter) + 2)
	if room == 0 {
		room = wording.SourceColumns
	}
	text, from, to = wording.Clip(text, from, to, room, p.o.ASCII)
	p.linef("%s%s", gutter, bar)
	p.linef("%s %s %s", p.o.paint(blue, number), bar, text)
	before := strings.Repeat(" ", wording.Width(text[:from]))
	carets := strings.Repeat("^", max(wording.Width(text[from:to]), 1))
	under := gutter + bar + " " + before + p.o.paint(s, carets)
	used := len(gutter) + 2 + len(before) + len(carets)
	if p.o.Width > 0 && used+1+wording.Width(label) > p.o.Width {
		p.linef("%s", under)
		p.linef("%s%s %s", gutter, bar, p.o.paint(s, wording.End(label, p.room(len(gutter)+2), p.o.ASCII)))
		return
	}
	p.linef("%s %s", under, p.o.paint(s, label))
}
