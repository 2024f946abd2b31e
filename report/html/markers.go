package html

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// markersShown bounds the markers: closes with what was live and ends of processes come first.
const markersShown = 20_000

// markers collects the moments that the timeline marks, in the order of time.
func (b *metaBuilder) markers() {
	for _, c := range b.run.Closes {
		b.close(c)
	}
	for _, p := range b.run.Processes {
		b.About(b.run, p)
		b.exit(p)
		if p.Forked {
			label := "forked"
			if p.ForkedAt != nil {
				label += " at " + b.Place(p.ForkedAt)
			}
			b.mark(metaMarker{Kind: "fork", timeNS: p.StartedNS, Label: label}, p, nil)
		}
	}
	for _, l := range b.run.Loops {
		b.About(b.run, l.Process)
		for _, s := range l.Shutdowns {
			label := "what was left is cancelled"
			if s.At != nil {
				label += " by the run at " + b.Place(s.At)
			}
			b.mark(metaMarker{Kind: "shutdown", timeNS: s.BeginNS, End: b.ticks(s.EndNS), Label: label, live: s.Live}, l.Process, l)
		}
	}
	b.rareMarkers()
	slices.SortStableFunc(b.m.Markers, func(x, y metaMarker) int { return cmp.Compare(x.timeNS, y.timeNS) })
	for i := range b.m.Markers {
		m := &b.m.Markers[i]
		m.Live = []uint32{}
		for _, l := range m.live {
			if n, ok := b.index[l.Task]; ok {
				m.Live = append(m.Live, n)
			}
		}
	}
}

// rareMarkers collects the moments at which nothing is known of the tasks.
func (b *metaBuilder) rareMarkers() {
	for _, l := range b.run.Loops {
		b.About(b.run, l.Process)
		for _, s := range l.Stops {
			label := "loop.stop()"
			if s.At != nil {
				label += " at " + b.Place(s.At)
			}
			b.mark(metaMarker{Kind: "stop", timeNS: s.TimeNS, Label: label}, l.Process, l)
		}
	}
	for _, p := range b.run.Processes {
		for _, s := range p.Signals {
			b.mark(metaMarker{Kind: "signal", timeNS: s.TimeNS, Label: cmp.Or(b.Name(s.Name), wording.SignalName(s.Number))}, p, s.Loop)
		}
	}
}

func (b *metaBuilder) mark(m metaMarker, p *analyze.Process, l *analyze.Loop) {
	if len(b.m.Markers) == markersShown {
		return
	}
	m.Process, m.Time = b.process(p), b.tick(m.timeNS)
	if i, ok := b.loops[l]; ok && l != nil {
		m.Loop = &i
	}
	b.m.Markers = append(b.m.Markers, m)
}

// close marks a close() that did something or was refused.
func (b *metaBuilder) close(c *analyze.Close) {
	b.About(b.run, c.Process)
	kind, label := "close", "loop.close()"
	switch {
	case c.Outcome == "noop":
		return
	case c.Outcome == "refused":
		kind, label = "refused", "loop.close() refused"
	case c.Outcome == "seen":
		label = b.Closed(c)
	case c.Implicit:
		label = "the loop is closed by the garbage collector"
	}
	if c.At != nil && !c.Implicit {
		label += " at " + b.Place(c.At)
	}
	b.mark(metaMarker{Kind: kind, timeNS: c.TimeNS, Label: label, live: c.Live}, c.Process, c.Loop)
}

func (b *metaBuilder) exit(p *analyze.Process) {
	if p.Exit.TimeNS == 0 {
		return
	}
	b.mark(metaMarker{Kind: "exit", timeNS: p.Exit.TimeNS, Label: b.End(p), live: p.Exit.Live}, p, nil)
}
