package silence

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Apply moves the findings of res that are accepted by a comment in the program or by an entry to res.Silenced, and lists
// what silenced nothing in res.Unused.
func Apply(res *analyze.Result, entries []*Entry) {
	comments := commentsOf(res.Run, res.Findings)
	used := map[place]bool{}
	kept := res.Findings[:0]
	for i := range res.Findings {
		f := res.Findings[i]
		if by := comments.silencing(&f, used); by != nil {
			res.Silenced = append(res.Silenced, analyze.Silenced{Finding: f, By: *by})
			continue
		}
		if by := firstEntry(entries, &f); by != nil {
			used[placeOf(&by.Suppression)] = true
			res.Silenced = append(res.Silenced, analyze.Silenced{Finding: f, By: by.Suppression})
			continue
		}
		kept = append(kept, f)
	}
	clear(res.Findings[len(kept):])
	res.Findings = kept
	res.Unused = append(comments.unused(used), unusedEntries(entries, used)...)
}

func firstEntry(entries []*Entry, f *analyze.Finding) *Entry {
	for _, e := range entries {
		if e.silences(f) {
			return e
		}
	}
	return nil
}

func unusedEntries(entries []*Entry, used map[place]bool) []analyze.Suppression {
	var out []analyze.Suppression
	for _, e := range entries {
		if !used[placeOf(&e.Suppression)] {
			out = append(out, e.Suppression)
		}
	}
	return out
}

// place identifies a suppression.
type place struct {
	file string
	line int
}

func placeOf(s *analyze.Suppression) place { return place{s.File, s.Line} }

// commentSet is the suppressions in the lines of the program that a run speaks of.
type commentSet map[place]*analyze.Suppression

// silencing returns the comment that accepts f: one on its own line, or on a line of its evidence if it is about no task,
// or one for each of its tasks on where that was created, is defined or waits.
func (c commentSet) silencing(f *analyze.Finding, used map[place]bool) *analyze.Suppression {
	frames := []*analyze.Frame{f.At}
	if len(f.Tasks) == 0 {
		for i := range f.Evidence {
			frames = append(frames, f.Evidence[i].At)
		}
	}
	if s := c.naming(f.Rule, frames...); s != nil {
		used[placeOf(s)] = true
		return s
	}
	var found []*analyze.Suppression
	for _, t := range f.Tasks {
		s := c.naming(f.Rule, framesOf(f, t)...)
		if s == nil {
			return nil
		}
		found = append(found, s)
	}
	if len(found) == 0 {
		return nil
	}
	for _, s := range found {
		used[placeOf(s)] = true
	}
	return found[0]
}

// naming returns the comment on one of the frames that names rule.
func (c commentSet) naming(rule string, frames ...*analyze.Frame) *analyze.Suppression {
	for _, f := range frames {
		if f == nil {
			continue
		}
		if s := c[place{f.File, f.Line}]; s != nil && slices.Contains(s.Rules, rule) {
			return s
		}
	}
	return nil
}

// unused returns the comments that silenced nothing, by place. One whose rules did not fire in this run counts: it may be
// out of date, which only its author can tell.
func (c commentSet) unused(used map[place]bool) []analyze.Suppression {
	var out []analyze.Suppression
	for p, s := range c {
		if !used[p] {
			out = append(out, *s)
		}
	}
	slices.SortFunc(out, func(a, b analyze.Suppression) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out
}
