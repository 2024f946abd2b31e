package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Story tells what is known of one task, in sentences in the order of time.
func Story(w io.Writer, res *analyze.Result, t *analyze.Task, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.about(res.Run, t.Process)
	lead := fmt.Sprintf("task %d", t.ID)
	if t.Name != "" {
		lead += " " + p.task(t)
	}
	p.paragraph(lead+": ", bold, p.storyHead(t, res.Run), plainText, 4)
	p.linef("")
	p.storySpawn(t)
	p.storySteps(t)
	for i := range t.Cancels {
		p.storyCancel(&t.Cancels[i])
	}
	p.storyMoments(t, res.Run)
	p.storyEnd(t)
	p.storyChildren(t, res.Run)
	p.storyFindings(t, res)
	return p.err
}

// sentence writes one event of a story under the time it happened, -1 if it has none.
func (p *printer) sentence(ns int64, text string) {
	lead := "           "
	if ns >= 0 {
		lead = fmt.Sprintf("%9s  ", instant(ns))
	}
	p.paragraph(lead, faint, text, plainText, 11)
}

func (p *printer) storyHead(t *analyze.Task, run *analyze.Run) string {
	text := "a task"
	if t.Site != nil && t.Site.Coro != "" {
		text = p.name(t.Site.Coro) + "()"
		if d := t.Site.Def; d.File != "" {
			text += ", defined at " + p.at(&d)
		}
	}
	if t.Loop != nil {
		text += fmt.Sprintf(", on loop %d", t.Loop.ID)
		if t.Loop.Thread != "" {
			text += " in thread " + p.name(t.Loop.Thread)
		}
	}
	if t.Process != nil && len(run.Processes) > 1 {
		text += ", process " + p.process(t.Process)
	}
	return text
}

func (p *printer) storySpawn(t *analyze.Task) {
	switch {
	case t.Inherited != nil:
		p.sentence(t.SpawnedNS, fmt.Sprintf("It came into this process by fork: it is a copy of task %d.", t.Inherited.ID))
	case !t.BirthSeen:
		p.sentence(-1, "Its spawn was not observed.")
		return
	case t.Parent != nil:
		p.sentence(t.SpawnedNS, fmt.Sprintf("Task %d %s spawned it %s", t.Parent.ID, p.task(t.Parent), spawnPlace(p, t)))
	default:
		p.sentence(t.SpawnedNS, "It was spawned, by no task, "+spawnPlace(p, t))
	}
	if t.Site != nil && t.Site.Gather {
		p.sentence(-1, "gather() wrapped the coroutine in this task.")
	}
	if t.Shielded != nil {
		text := "A shield() was put around it"
		if at := userFrame(t.Shielded); at != nil {
			text += " at " + p.place(at)
		}
		p.sentence(-1, text+".")
	}
}

func spawnPlace(p *printer, t *analyze.Task) string {
	alone := *t
	alone.Parent = nil
	return p.spawned(&alone)
}

func (p *printer) storySteps(t *analyze.Task) {
	if t.Steps == 0 {
		p.sentence(-1, "It never took a step.")
		return
	}
	text := fmt.Sprintf("It took its first step, and %s in all, which kept the loop busy for %s.", count(t.Steps, "step"), Duration(t.BusyNS))
	if t.FirstStepNS == 0 {
		p.sentence(-1, text)
		return
	}
	p.sentence(t.FirstStepNS, text)
}

func (p *printer) storyCancel(c *analyze.Cancel) {
	who := "Something outside any task"
	if c.By != nil {
		who = fmt.Sprintf("Task %d %s", c.By.ID, p.task(c.By))
	}
	text := who + " cancelled it"
	if c.At != nil {
		text += " at " + p.withSource(c.At)
	}
	if c.StepsAfter == 0 {
		text += "; it took no step afterwards"
	} else {
		text += fmt.Sprintf("; it took %s afterwards", count(c.StepsAfter, "step"))
	}
	p.sentence(c.TimeNS, text)
}

// storyMoments says where the task was at each shutdown and close of its loop, and at the end of its process.
func (p *printer) storyMoments(t *analyze.Task, run *analyze.Run) {
	tell := func(ns int64, words string, live []*analyze.Live, m moment) {
		for _, l := range live {
			if l.Task == t {
				p.sentence(ns, words+", it was "+storyState(l)+p.waitText(l, m))
			}
		}
	}
	for _, loop := range run.Loops {
		for _, s := range loop.Shutdowns {
			tell(s.BeginNS, "When "+byWhom(p, s.At, "the shutdown")+" began to cancel what was left", s.Live, moment{})
		}
	}
	for _, c := range run.Closes {
		m := closeMoment(c)
		tell(c.TimeNS, strings.ToUpper(m.words[:1])+m.words[1:]+byPlace(p, c.At), c.Live, m)
	}
	if t.Process != nil {
		e := &t.Process.Exit
		tell(e.TimeNS, "When the process ended", e.Live, moment{timeNS: e.TimeNS, inexact: !e.LiveExact})
	}
}

func storyState(l *analyze.Live) string {
	if l.State == "suspended" {
		return "waiting "
	}
	return ""
}

func byWhom(p *printer, at *analyze.Frame, otherwise string) string {
	if at == nil {
		return otherwise
	}
	return "the run at " + p.place(at)
}

func byPlace(p *printer, at *analyze.Frame) string {
	if at == nil {
		return ""
	}
	return " at " + p.place(at)
}

func (p *printer) storyEnd(t *analyze.Task) {
	switch outcomeWord(t) {
	case "pending":
		p.sentence(-1, "It never ended.")
	case "returned":
		p.sentence(t.EndedNS, "It returned.")
	case "cancelled":
		p.sentence(t.EndedNS, "It ended as cancelled.")
	case "collected":
		p.sentence(t.EndedNS, "It was garbage collected before it ended.")
	default:
		p.sentence(t.EndedNS, "It "+p.outcome(t)+".")
	}
}

func (p *printer) storyChildren(t *analyze.Task, run *analyze.Run) {
	var names []string
	n := 0
	for _, child := range run.Tasks {
		if child.Parent != t {
			continue
		}
		if n++; n <= namesShown {
			names = append(names, fmt.Sprintf("%d %s", child.ID, p.task(child)))
		}
	}
	if n == 0 {
		return
	}
	text := fmt.Sprintf("It spawned %s: %s", count(n, "task"), strings.Join(names, ", "))
	if n > namesShown {
		text += fmt.Sprintf(" and %d more", n-namesShown)
	}
	p.sentence(-1, text+".")
}

func (p *printer) storyFindings(t *analyze.Task, res *analyze.Result) {
	for i := range res.Findings {
		f := &res.Findings[i]
		for _, about := range f.Tasks {
			if about == t {
				p.linef("")
				p.verdict(f)
				break
			}
		}
	}
}
