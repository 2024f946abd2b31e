package term

import (
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// runsShown bounds the runs that are told of a loop.
const runsShown = 20

// Loop writes what is known of a loop: who opened, ran and closed it, and what was live then.
func Loop(w io.Writer, res *analyze.Result, l *analyze.Loop, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.About(res.Run, l.Process)
	p.paragraph(p.Phraser.Loop(l)+": ", bold, p.loopHead(l, res.Run), plainText, 4)
	p.linef("")
	p.loopTimes(l)
	for _, s := range l.Shutdowns {
		p.shutdown(s)
	}
	for _, c := range l.Closes {
		m := wording.CloseMoment(c)
		if c.Outcome == "noop" {
			p.section()
			p.heading("closed again", "at "+wording.Instant(c.TimeNS)+", when it was closed already")
			continue
		}
		p.closer(m)
		p.paragraph("    at ", plainText, wording.Instant(c.TimeNS), plainText, 4)
		if len(c.Live) == 0 {
			p.section()
			p.heading("live "+m.Words, "no task")
			continue
		}
		p.liveOf(c.Live, m)
	}
	if l.ClosedBy == nil && !wording.Scheduler(l) {
		p.section()
		p.heading("closed", "never")
	}
	return p.err
}

func (p *printer) loopHead(l *analyze.Loop, run *analyze.Run) string {
	text := "an event loop"
	switch {
	case wording.Scheduler(l):
		text = "what Go's scheduler runs"
		if l.Class == wording.UserTasks {
			text = "user tasks of package runtime/trace"
		}
	case l.Process.Go():
	case l.Class != "":
		text = p.Name(l.Class)
	}
	if l.Thread != "" {
		text += " in thread " + p.Name(l.Thread)
	}
	if l.Process != nil && len(run.Processes) > 1 {
		text += ", process " + p.Process(l.Process)
	}
	return text
}

// loopTimes says when the loop was opened and run.
func (p *printer) loopTimes(l *analyze.Loop) {
	tell := func(ns int64, text string) {
		p.paragraph(fmt.Sprintf("%9s  ", wording.Instant(ns)), faint, text, plainText, 11)
	}
	if l.At != nil {
		tell(l.OpenedNS, "opened at "+p.WithSource(l.At))
	}
	for i, r := range l.Runs {
		if i == runsShown {
			p.item(11, fmt.Sprintf("and %s", wording.Count(len(l.Runs)-i, "more run")))
			break
		}
		text := p.Name(r.API)
		if r.At != nil {
			text += " at " + p.WithSource(r.At)
		}
		if r.Target != nil {
			text += ", of " + p.Numbered(r.Target)
		}
		switch {
		case r.EndNS == 0:
			text += "; it never returned"
		case r.Exception != "":
			text += "; " + p.Name(r.Exception) + " left it after " + wording.Duration(r.EndNS-r.BeginNS)
		default:
			text += "; it returned after " + wording.Duration(r.EndNS-r.BeginNS)
		}
		tell(r.BeginNS, text)
	}
}

func (p *printer) shutdown(s *analyze.Shutdown) {
	p.section()
	text := fmt.Sprintf("at %s: %s live", wording.Instant(s.BeginNS), wereLive(s.Live, "task"))
	if s.EndNS != 0 {
		text += ", for " + wording.Duration(s.EndNS-s.BeginNS)
	}
	p.heading("cancelled what was left", text)
	p.liveTasks(s.Live, wording.Moment{TimeNS: s.BeginNS})
}
