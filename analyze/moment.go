package analyze

import (
	"math"
	"slices"
)

// askMoments takes in at which moments somebody asks for what was live in a Go program: its goroutines say at the end of each
// step where they wait, so that it can be told of any. Of Python it is known only now and then.
func (p *proc) askMoments(at []int64) {
	p.asked = nil
	if p.pub.Go() {
		for _, ns := range at {
			p.asked = append(p.asked, p.b.base+ns)
		}
		slices.Sort(p.asked)
	}
	p.nextMoment()
}

func (p *proc) nextMoment() {
	p.askedNext = math.MaxInt64
	if len(p.asked) > 0 {
		p.askedNext = p.asked[0]
	}
}

// passMoments lists what was live at the moments before an event, whose time is now.
func (p *proc) passMoments(now int64) {
	for len(p.asked) > 0 && p.asked[0] < now {
		at := p.asked[0]
		p.asked = p.asked[1:]
		if at < p.began {
			continue
		}
		p.last = max(p.last, at)
		s := &Snapshot{Process: p.pub, TimeNS: p.b.rel(at), Why: "at"}
		for _, l := range append(slices.Clone(p.loopList), p.loop(0)) {
			for t := l.head; t != nil; t = t.next {
				if t.outcome == 0 && !t.missing {
					s.Live = append(s.Live, p.lastSeen(t))
				}
			}
		}
		p.pub.Snapshots = append(p.pub.Snapshots, s)
	}
	p.nextMoment()
}
