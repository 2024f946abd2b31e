package analyze

// faults spells out what a process did or left that may be a fault.
func (d *dumper) faults(p *Process) {
	d.calls(p)
	d.lost(p)
	d.resources(p)
	for _, s := range p.LongSteps {
		d.line("  long step of %s, ended %v, %d samples, others %d, late %d", label(s.Task), s.Ended, len(s.Samples), s.Others, s.Late)
		for _, x := range s.Samples {
			d.line("    seen%s", at(firstUser(x.Stack)))
		}
	}
	for _, l := range p.Lateness {
		d.line("  %d timers late", l.Count)
	}
	for _, k := range p.Deadlocks {
		d.line("  deadlock of %d, closed by %s%s, behind %d, timed %v, ended %v", len(k.Links), label(k.Closing.Task), at(k.Closing.At), len(k.Behind), k.Timed, k.EndNS != 0)
		for _, w := range k.Links {
			d.line("    %s waits for %s made%s held by %s", label(w.Task), w.Kind, at(w.Object.At), label(w.Targets[0]))
		}
	}
	for _, r := range p.Retained {
		d.line("  retained %d tasks of %s", r.Count, r.Site.Coro)
	}
}

func (d *dumper) calls(p *Process) {
	for _, r := range p.Refused {
		d.line("  refused %s by %s on %s%s: %s %q, expected %q, handled %v, ended %v", r.Call, label(r.Task), r.Thread, at(r.At), r.Exception, r.Words, r.Expected, r.Handled, r.Left != nil)
	}
	for _, f := range p.Failures {
		d.line("  failed %s %s on %s%s: %s %q, resolved %q", f.Ended, label(f.Task), f.Thread, at(f.At), f.Exception, f.Words, f.Resolved)
	}
	for _, m := range p.Mismatches {
		d.line("  mismatch by %s%s: %s made%s: %q", label(m.Task), at(m.At), m.Object, at(m.OpenedAt), m.Message)
	}
	for _, c := range p.ForeignCalls {
		d.line("  foreign %s from %s%s, running on %s, count %d", c.Call, c.Thread, at(c.At), c.RunningThread, c.Count)
	}
	for _, c := range p.StoppedCalls {
		d.line("  stopped %s of %s from %s%s", c.Call, c.Callback, c.Thread, at(c.At))
	}
	for _, s := range p.LoopSets {
		d.line("  set loop %v on %s%s", s.Loop != nil, s.Thread, at(s.At))
	}
}

func (d *dumper) lost(p *Process) {
	for _, h := range p.Handled {
		d.line("  handled %q %s%s, callback %q%s, task %s", h.Message, h.Exception, at(h.At), h.Callback, at(h.CallbackDef), label(h.Task))
	}
	for _, u := range p.Unread {
		d.line("  unread %s of %s%s", u.Exception, label(u.Task), at(u.At))
	}
	for _, c := range p.Dropped {
		d.line("  dropped %s by %s, called%s, known by %q, %q, at end %v", c.Coro, label(c.Task), at(c.Call), c.How, c.Fate, c.AtEnd)
	}
	for _, g := range p.Asyncgens {
		d.line("  abandoned %s at %s, %s%s, opened%s, cleanup %v", g.Name, g.Moment, g.State, at(g.At), at(g.Opened), g.Cleanup)
	}
}

func (d *dumper) resources(p *Process) {
	for _, r := range p.Resources {
		d.line("  left at %s: %s %s %s%s, owner %s, wanted %v, ended %q", r.Moment, r.Kind, r.Name, r.State, at(r.At), label(r.Owner), r.Wanted, r.Ended)
	}
	for _, j := range p.Joins {
		d.line("  join by %s, %d jobs, %d threads, ended %v", j.Where, len(j.Jobs), len(j.Threads), j.EndNS != 0)
	}
}

func firstUser(stack []Frame) *Frame {
	for i := range stack {
		if stack[i].User {
			return &stack[i]
		}
	}
	return nil
}
