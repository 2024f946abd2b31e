package baseline

import (
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Change says what an update did, in findings.
type Change struct {
	Total int // that the new baseline accepts
	Added int // that the old one did not
	Gone  int // that only the old one did
	Kept  int // of the total, those that this run did not have and could not have ruled out
}

// Update returns the baseline of a result: what is in res.Findings. Entries that the run did not meet go, except those that it
// cannot speak about: then silence means nothing. f may be nil.
func Update(f *File, res *analyze.Result) (*File, Change) {
	if f == nil {
		f = &File{}
	}
	m := newMatcher(slices.Clone(f.Entries), res.Rules)
	m.match(res.Findings)
	next := &File{Name: f.Name}
	var change Change
	for i := range m.entries {
		e := &m.entries[i]
		left := max(0, e.Count-e.met())
		if !judged(res.Run, e.Entry) {
			change.Kept += left
			left = 0
		}
		change.Gone += left
		e.Count -= left
	}
	for _, e := range m.entries {
		if e.Count > 0 {
			next.Entries = append(next.Entries, *e.Entry)
		}
	}
	// What is added under one name may leave another one without the entry that it had by a near name: so once more, until
	// all are accepted. Each time there is more that is accepted by its very name, which ends with all of it.
	for added := -1; added != 0; change.Added += added {
		added = next.add(res)
	}
	for i := range next.Entries {
		change.Total += next.Entries[i].Count
	}
	return next, change
}

// learn adds the coroutines of a finding's tasks.
func (e *Entry) learn(f *analyze.Finding) {
	if e.Coros == nil {
		return
	}
	e.Coros = append(slices.Clone(e.Coros), corosOf(f)...)
	slices.Sort(e.Coros)
	e.Coros = slices.Compact(e.Coros)
	if len(e.Coros) > maxCoros {
		e.Coros = nil // so many are no list that anybody reads
	}
}

// hashIn returns the fingerprint that a finding of one test has.
func hashIn(f *analyze.Finding, k key) string {
	for _, t := range f.Tests {
		if analyze.Storable(t.Name) == k.test {
			return k.FingerprintIn(analyze.TestNames(&analyze.Finding{Tests: []*analyze.Test{t}}), 0)
		}
	}
	return k.Fingerprint(0)
}

// add counts the findings that the baseline does not accept yet, and returns how many it added.
func (f *File) add(res *analyze.Result) int {
	added, found := 0, res.Findings
	m := newMatcher(f.Entries, res.Rules)
	by := m.match(found)
	for i := range found {
		if by[i] != nil {
			continue
		}
		for _, k := range keysOf(&found[i]) {
			e := m.exact[k]
			if e == nil {
				e = &entry{Entry: &Entry{Identity: k.Identity, Test: k.test, Hash: hashIn(&found[i], k)}, perTask: m.perTask[k.Rule]}
				if e.perTask {
					e.Coros = []string{}
				}
				m.exact[k] = e
			}
			if e.accepts(&found[i]) {
				e.used.add(&found[i])
				continue
			}
			added++
			if !e.used.fits(&found[i], e.Count) {
				e.Count++
			}
			e.learn(&found[i])
			e.used.add(&found[i])
		}
	}
	var list []Entry
	for _, e := range m.exact {
		list = append(list, *e.Entry)
	}
	slices.SortFunc(list, func(a, b Entry) int { return compareKeys(a.key(), b.key()) })
	f.Entries = list
	return added
}
