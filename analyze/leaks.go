package analyze

import (
	"cmp"
	"slices"
	"strings"
)

// TestFile is what was found in the tests of one file.
type TestFile struct {
	File  string // absolute where that is known: see Test.File; else its name in the names of its tests
	Tests int    // how many tests of it are in Run.Tests
	Leaks []Leak // in the order of their first findings
}

// Leak is what several tests of one file have in common: rule, coroutine, where it was spawned, and where it was suspended.
type Leak struct {
	Rule      string
	Severity  Severity
	Coro      string // of the first task, or what the finding is about; "" if it is about neither
	SpawnedAt *Frame // of the task; else the line to blame; nil if neither is known
	WaitingAt *Frame // nil if the task was not suspended, or that was not seen
	Tests     []*Test
	Findings  []int // indexes into Result.Findings
}

// LeaksByTest groups the findings that happened in tests: by test file, leaked coroutine and suspension point. A finding in
// tests of several files is in each. The files are in the order of their names.
func (res *Result) LeaksByTest() []TestFile {
	files := map[string]*TestFile{}
	counted := map[testKey]bool{}
	for _, t := range res.Run.Tests {
		file := t.source()
		if files[file] == nil {
			files[file] = &TestFile{File: file}
		}
		if !counted[t.key()] {
			counted[t.key()] = true
			files[file].Tests++
		}
	}
	for i := range res.Findings {
		l := leakOf(&res.Findings[i])
		for _, t := range res.Findings[i].Tests {
			if f := files[t.source()]; f != nil {
				f.add(l, t, i)
			}
		}
	}
	var out []TestFile
	for _, f := range files {
		if len(f.Leaks) > 0 {
			out = append(out, *f)
		}
	}
	slices.SortFunc(out, func(a, b TestFile) int { return cmp.Compare(a.File, b.File) })
	return out
}

// LeakingTests returns how many tests have findings.
func (res *Result) LeakingTests() int {
	seen := map[testKey]bool{}
	for i := range res.Findings {
		for _, t := range res.Findings[i].Tests {
			seen[t.key()] = true
		}
	}
	return len(seen)
}

// CountTests returns how many tests a run saw. One that starts processes is in Tests for each of them.
func (run *Run) CountTests() int {
	seen := map[testKey]bool{}
	for _, t := range run.Tests {
		seen[t.key()] = true
	}
	return len(seen)
}

// testKey tells tests apart whatever process they were seen in.
type testKey struct{ runner, source, name string }

func (t *Test) key() testKey { return testKey{t.Runner, t.source(), t.Name} }

// source names the file of a test, as far as it is known: of unittest the module.
func (t *Test) source() string {
	if t.File != "" || t.Runner == "pytest" {
		return cmp.Or(t.File, t.path())
	}
	return strings.TrimSuffix(strings.TrimSuffix(t.Name, "."+t.Function), "."+t.Class)
}

func (f *TestFile) add(l Leak, t *Test, finding int) {
	for i := range f.Leaks {
		if k := &f.Leaks[i]; k.Rule == l.Rule && k.Severity == l.Severity && k.Coro == l.Coro && sameFrame(k.SpawnedAt, l.SpawnedAt) && sameFrame(k.WaitingAt, l.WaitingAt) {
			if !slices.Contains(k.Tests, t) {
				k.Tests = append(k.Tests, t)
			}
			k.Findings = append(k.Findings, finding)
			return
		}
	}
	l.Tests, l.Findings = []*Test{t}, []int{finding}
	f.Leaks = append(f.Leaks, l)
}

func sameFrame(a, b *Frame) bool { return a == b || a != nil && b != nil && *a == *b }

// leakOf returns what a finding has in common with those of other tests.
func leakOf(f *Finding) Leak {
	l := Leak{Rule: f.Rule, Severity: f.Severity, SpawnedAt: f.At}
	if len(f.Tasks) == 0 {
		for _, s := range f.Subjects {
			if kind, name, ok := strings.Cut(s, ":"); ok && (kind == "coro" || kind == "asyncgen") {
				l.Coro = name
				break
			}
		}
		return l
	}
	t := f.Tasks[0]
	if t.Site != nil {
		l.Coro = t.Site.Coro
		if t.Site.At != nil {
			l.SpawnedAt = t.Site.At
		}
	}
	if seen := seenIn(f, t); seen != nil && seen.State == "suspended" {
		l.WaitingAt = seen.At
	}
	return l
}

// seenIn returns how a task was at the moment that a finding is about, else when it was last seen.
func seenIn(f *Finding, t *Task) *Live {
	var moments []*Live
	if f.Close != nil {
		moments = f.Close.Live
	} else if t.CancelledAtShutdown != nil {
		moments = t.CancelledAtShutdown.Live
	}
	for _, l := range moments {
		if l.Task == t {
			return l
		}
	}
	return t.LastSeen
}
