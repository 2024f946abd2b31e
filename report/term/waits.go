package term

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// circle draws a deadlock: each task with where it waits, and below it what for.
func (p *printer) circle(d *analyze.Deadlock) {
	if d == nil {
		return
	}
	top, bar, bottom := "┌─▶ ", "│   ", "└── "
	if p.o.ASCII {
		top, bar, bottom = "+-> ", "|   ", "+-- "
	}
	p.section()
	p.heading("the circle", "")
	for i, w := range d.Links {
		lead := bar
		if i == 0 {
			lead = top
		}
		if i == wording.GroupsShown {
			p.item(4, bar+fmt.Sprintf("and %s", wording.Count(len(d.Links)-i, "more task")))
			break
		}
		place := ""
		if w.At != nil {
			place = "  " + p.WithSource(w.At)
		}
		p.item(4, lead+p.Task(w.Task)+place)
		p.item(4, bar+"  "+p.Link(w))
	}
	p.item(4, bottom+p.Task(d.Links[0].Task))
}
