package silence

import "github.com/looptrace/looptrace/analyze"

// framesOf returns the lines on which a comment speaks for one task of a finding.
func framesOf(f *analyze.Finding, t *analyze.Task) []*analyze.Frame {
	var out []*analyze.Frame
	if t.Site != nil {
		out = append(out, t.Site.At, &t.Site.Def)
	}
	for _, l := range liveOf(f) {
		if l.Task == t {
			out = append(out, l.At)
		}
	}
	return out
}

// liveOf returns what was live at the moment that a finding is about.
func liveOf(f *analyze.Finding) []*analyze.Live {
	if f.Close != nil {
		return f.Close.Live
	}
	var out []*analyze.Live
	if f.Loop != nil {
		for _, s := range f.Loop.Shutdowns {
			out = append(out, s.Live...)
		}
	}
	if f.Process != nil {
		out = append(out, f.Process.Exit.Live...)
	}
	return out
}

// commentsOf returns the suppressions in every line of the program that the facts of a run, or its findings, speak of.
func commentsOf(run *analyze.Run, findings []analyze.Finding) commentSet {
	found := commentSet{}
	add := func(frames ...*analyze.Frame) {
		for _, f := range frames {
			if f == nil || !f.User {
				continue
			}
			if s := inLine(f); s != nil {
				found[placeOf(s)] = s
			}
		}
	}
	for i := range findings {
		add(findings[i].At)
		for _, e := range findings[i].Evidence {
			add(e.At)
		}
	}
	for _, t := range run.Tasks {
		if t.Site != nil {
			add(t.Site.At, &t.Site.Def)
		}
	}
	for _, s := range run.Folded {
		add(s.Site.At, &s.Site.Def)
	}
	for _, c := range run.Closes {
		add(c.At)
		addLive(c.Live, add)
	}
	for _, l := range run.Loops {
		add(l.At)
		for _, s := range l.Shutdowns {
			add(s.At)
			addLive(s.Live, add)
		}
	}
	for _, p := range run.Processes {
		addLive(p.Exit.Live, add)
	}
	return found
}

func addLive(list []*analyze.Live, add func(...*analyze.Frame)) {
	for _, l := range list {
		add(l.At)
	}
}
