package sarif

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// step is one station on the way of a task.
type step struct {
	at     *analyze.Frame
	timeNS int64
	text   string
}

// flows tells the story of a finding: for its tasks, alike ones once, where they were spawned, cancelled and waiting, and the
// close or end that met them there; without tasks the evidence in the order of time.
func (b *builder) flows(f *analyze.Finding) []codeFlow {
	p := annotation.Phraser(b.res, f)
	groups, _ := annotation.Groups(p, f)
	m := wording.MomentOf(f)
	var threads []threadFlow
	for _, g := range groups[:min(len(groups), flowsTaken)] {
		if t := b.thread(g.Names, b.way(p, f, &g, m)); t != nil {
			threads = append(threads, *t)
		}
	}
	if threads == nil {
		var steps []step
		for _, e := range f.Evidence {
			steps = append(steps, step{e.At, e.TimeNS, p.Text(e.Text)})
		}
		if t := b.thread("", steps); t != nil {
			threads = append(threads, *t)
		}
	}
	if threads == nil {
		return nil
	}
	return []codeFlow{{threads}}
}

// way returns the stations of the first task of a group.
func (b *builder) way(p *wording.Phraser, f *analyze.Finding, g *annotation.Group, m wording.Moment) []step {
	t := g.Tasks[0]
	var steps []step
	if t.Site != nil && t.BirthSeen {
		if c := t.Caller(); c != nil {
			steps = append(steps, step{c, t.SpawnedNS, "this call led to " + p.Numbered(t)})
		}
		steps = append(steps, step{t.Site.At, t.SpawnedNS, p.Numbered(t) + spawned(p, t)})
	}
	for i := range t.Cancels {
		c := &t.Cancels[i]
		steps = append(steps, step{c.At, c.TimeNS, p.Numbered(t) + " was asked to cancel here"})
	}
	if g.Live != nil {
		steps = append(steps, step{g.Live.At, m.TimeNS, m.Words + ", " + p.Numbered(t) + was(p, g.Live) + since(g, m)})
	}
	if m.Close != nil {
		steps = append(steps, step{m.Close.At, m.TimeNS, m.Words[len("when "):] + " here"})
	} else if g.Live == nil {
		for _, e := range f.Evidence {
			steps = append(steps, step{e.At, e.TimeNS, p.Text(e.Text)})
		}
	}
	return steps
}

func spawned(p *wording.Phraser, t *analyze.Task) string {
	switch {
	case t.Site.Via != "":
		return " was spawned by the library (" + p.Name(t.Site.Via) + ") under this call"
	case t.Parent != nil:
		return " was spawned here by " + p.Numbered(t.Parent)
	}
	if t.Goroutine() {
		return " was created here"
	}
	return " was spawned here outside any task"
}

// since says for how long a goroutine was there.
func since(g *annotation.Group, m wording.Moment) string {
	if text := wording.SinceText(wording.Group{g.Live}, m); text != "" {
		return ", for " + text
	}
	return ""
}

// was says what a live task did at its place.
func was(p *wording.Phraser, l *analyze.Live) string {
	on := wording.WaitsFor(l.On, p.Task)
	if l.Wait != nil {
		on = p.WaitedBriefly(l.Wait)
	}
	switch {
	case l.State != "suspended":
		return " was " + l.State + " here"
	case on == "":
		return " was waiting here"
	}
	return " was waiting here for " + on
}

// thread orders stations by time; nil if fewer than two have a place.
func (b *builder) thread(name string, steps []step) *threadFlow {
	steps = slices.DeleteFunc(steps, func(s step) bool { return s.at == nil || s.at.Line < 1 })
	if len(steps) < 2 {
		return nil
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.timeNS, b.timeNS) })
	out := &threadFlow{}
	if name != "" {
		out.Message = &message{Text: plain(name)}
	}
	for i, s := range steps[:min(len(steps), relatedTaken)] {
		l := b.location(s.at)
		l.Message = &message{Text: plain(annotation.Stop(wording.Capital(s.text)))}
		out.Locations = append(out.Locations, threadFlowLocation{l, i + 1})
	}
	return out
}
