package rule

import (
	"cmp"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// testsOf returns the tests that a finding is about, by ID: those that made its tasks; else the only one that had to do with
// its loop; else the one that ran when it happened. What a fixture of several tests made is none of theirs.
func testsOf(f *analyze.Finding) []*analyze.Test {
	if f.Process == nil || len(f.Process.Turns) == 0 {
		return nil
	}
	if len(f.Tasks) > 0 {
		var tests []*analyze.Test
		for _, t := range f.Tasks {
			if o := ownTest(t); o != nil && !slices.Contains(tests, o) {
				tests = append(tests, o)
			}
		}
		slices.SortFunc(tests, func(a, b *analyze.Test) int { return cmp.Compare(a.ID, b.ID) })
		return tests
	}
	if t := onlyTest(f.Loop); t != nil && (f.At != nil || len(f.Loop.Runs) > 0) {
		return []*analyze.Test{t}
	}
	turn := f.Process.TurnAt(timeOf(f))
	if turn.Test != nil && turn.Fixture == "" && (f.At != nil || turn.Phase == "call") { // else the runner's own doing
		return []*analyze.Test{turn.Test}
	}
	return nil
}

// inTests gives a finding its tests. The line to blame is that of the spawn then if nothing of the program did more than that:
// the runner of the tests closed the loop.
func inTests(f *analyze.Finding) {
	if len(f.Tests) == 0 {
		f.Tests = testsOf(f)
	}
	if len(f.Tests) > 0 && f.At == nil && len(f.Tasks) > 0 && f.Tasks[0].Site != nil {
		f.At = f.Tasks[0].Site.At
	}
}

// ownTest returns the test to which a task belongs alone, nil if there is none.
func ownTest(t *analyze.Task) *analyze.Test {
	if t == nil || t.Fixture != "" {
		return nil
	}
	return t.Test
}

// onlyTest returns the test that opened a loop, if no other test ran it.
func onlyTest(l *analyze.Loop) *analyze.Test {
	if l == nil || l.Test == nil || l.Fixture != "" {
		return nil
	}
	for _, r := range l.Runs {
		if l.Process.TurnAt(r.BeginNS).Test != l.Test {
			return nil
		}
	}
	return l.Test
}

// plainTest names a test in a sentence: its function without parameters, which may be long.
func plainTest(t *analyze.Test) string {
	name, _, _ := strings.Cut(t.Function, "[")
	return name
}

// openedIn returns the test that opened something, nil if none did or that is not known.
func openedIn(r *analyze.Resource) *analyze.Test {
	if r.Owner != nil {
		return ownTest(r.Owner)
	}
	if turn := r.Process.TurnAt(r.TimeNS - r.AgeNS); r.AgeNS > 0 && turn.Fixture == "" {
		return turn.Test
	}
	return nil
}

// testsOpening returns the test that opened what is left: bySite has put together what one test did.
func testsOpening(left []*analyze.Resource) []*analyze.Test {
	if t := openedIn(left[0]); t != nil {
		return []*analyze.Test{t}
	}
	return nil
}

// byTest takes what was live apart by the tests to which the tasks belong, in the order in which they are met.
func byTest(live []*analyze.Live) [][]*analyze.Live {
	var groups [][]*analyze.Live
	index := map[*analyze.Test]int{}
	for _, l := range live {
		t := ownTest(l.Task)
		i, ok := index[t]
		if !ok {
			i = len(groups)
			index[t] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], l)
	}
	return groups
}

// otherTests reports whether two findings are about tests that have nothing in common: one does not follow from the other.
func otherTests(a, b *analyze.Finding) bool {
	if len(a.Tests) == 0 || len(b.Tests) == 0 {
		return false
	}
	return !slices.ContainsFunc(a.Tests, func(t *analyze.Test) bool { return slices.Contains(b.Tests, t) })
}
