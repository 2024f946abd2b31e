package baseline

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Apply moves the findings of res that the baseline accepts to res.Silenced, and lists what is stale in res.Unused: entries
// that met fewer findings than they count, if this run could have met them.
func (f *File) Apply(res *analyze.Result) {
	m := newMatcher(f.Entries, res.Rules)
	by := m.match(res.Findings)
	kept := res.Findings[:0]
	for i := range res.Findings {
		if by[i] == nil {
			kept = append(kept, res.Findings[i])
			continue
		}
		res.Silenced = append(res.Silenced, analyze.Silenced{Finding: res.Findings[i], By: f.suppression(by[i], 0)})
	}
	clear(res.Findings[len(kept):])
	res.Findings = kept
	for i := range m.entries {
		e := &m.entries[i]
		if left := e.Count - e.met(); left > 0 && judged(res.Run, e.Entry) {
			res.Unused = append(res.Unused, f.suppression(e, left))
		}
	}
}

func (f *File) suppression(e *entry, left int) analyze.Suppression {
	return analyze.Suppression{
		File: f.Name, Line: e.Line, Baseline: true, Rules: []string{e.Rule}, Text: e.String(), Count: e.Count, Left: left,
	}
}

// judged reports whether it says something about an entry that a run did not have its findings: the recording is whole, the
// rule could decide, and the test ran.
func judged(run *analyze.Run, e *Entry) bool {
	if len(run.Processes) == 0 || !run.Health.Complete || slices.Contains(run.Health.Undecided, e.Rule) {
		return false
	}
	return e.Test == "" || slices.ContainsFunc(run.Tests, func(t *analyze.Test) bool { return analyze.Storable(t.Name) == e.Test })
}

// entry is an Entry with the findings of a run that it accepts, and those that it would if its count were higher.
type entry struct {
	*Entry
	perTask    bool // RuleInfo.PerTask
	used, seen tally
}

// accepts reports whether the entry has room for one more finding, and knows the coroutines of its tasks.
func (e *entry) accepts(f *analyze.Finding) bool {
	if !e.used.fits(f, e.Count) {
		return false
	}
	if e.Coros == nil || !e.perTask {
		return true
	}
	for _, c := range corosOf(f) {
		if _, known := slices.BinarySearch(e.Coros, c); !known {
			return false
		}
	}
	return true
}

// corosOf returns the coroutines of a finding's tasks, sorted. One close() may leave
// tasks of several behind, and a further one is news.
func corosOf(f *analyze.Finding) []string {
	list := []string{}
	for _, t := range f.Tasks {
		if t.Site != nil && t.Site.Coro != "" {
			list = append(list, analyze.Storable(t.Site.Coro))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (e *entry) met() int { return max(e.used.n, e.seen.n) }

// tally counts findings of one identity. How often one fault is met in different processes is the machine's doing, not the
// program's: it has so many workers. So of each process's findings the first are one, the second are one, and so on. But the
// same path in two directories is two files.
type tally struct {
	n     int
	files map[string]*perFile
}

type perFile struct {
	most      int
	processes map[*analyze.Process]int
}

// fits reports whether one more finding makes no more than limit.
func (t *tally) fits(f *analyze.Finding, limit int) bool {
	file := t.files[fileOf(f)]
	return t.n < limit || file != nil && file.processes[f.Process] < file.most
}

func (t *tally) add(f *analyze.Finding) {
	file := t.files[fileOf(f)]
	if file == nil {
		if t.files == nil {
			t.files = map[string]*perFile{}
		}
		file = &perFile{processes: map[*analyze.Process]int{}}
		t.files[fileOf(f)] = file
	}
	file.processes[f.Process]++
	if file.processes[f.Process] > file.most {
		file.most++
		t.n++
	}
}

func fileOf(f *analyze.Finding) string {
	if f.At == nil {
		return ""
	}
	return f.At.File
}

// matcher finds the entry for a finding.
type matcher struct {
	entries []entry
	exact   map[key]*entry
	near    map[nearKey][]*entry // by all but the function
	perTask map[string]bool      // by rule
}

type nearKey struct{ rule, path, test string }

func newMatcher(list []Entry, rules []analyze.RuleInfo) *matcher {
	m := &matcher{
		entries: make([]entry, len(list)), exact: map[key]*entry{}, near: map[nearKey][]*entry{}, perTask: map[string]bool{},
	}
	for i := range rules {
		m.perTask[rules[i].ID] = rules[i].PerTask
	}
	for i := range list {
		m.entries[i].Entry, m.entries[i].perTask = &list[i], m.perTask[list[i].Rule]
	}
	slices.SortFunc(m.entries, func(a, b entry) int { return compareKeys(a.key(), b.key()) })
	for i := range m.entries {
		e := &m.entries[i]
		m.exact[e.key()] = e
		n := nearKey{e.Rule, e.Path, e.Test}
		m.near[n] = append(m.near[n], e)
	}
	return m
}

// keysOf returns what a finding is found by: once for each test that it is from.
func keysOf(f *analyze.Finding) []key {
	id := analyze.IdentityOf(f)
	if len(f.Tests) == 0 {
		return []key{{Identity: id}}
	}
	var out []key
	for _, t := range f.Tests {
		if k := (key{id, analyze.Storable(t.Name)}); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// match returns the entry that accepts each finding, nil for a new one. A finding of several tests is accepted if it is for
// each of them. Where there are more findings than an entry counts, the most severe ones are the new ones.
func (m *matcher) match(found []analyze.Finding) []*entry {
	order := make([]int, len(found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weight(found[a].Severity), weight(found[b].Severity)) })
	by := make([]*entry, len(found))
	for _, near := range []bool{false, true} { // entries of the very function have the first choice
		for _, i := range order {
			if by[i] == nil {
				by[i] = m.take(&found[i], near)
			}
		}
	}
	for i := range found {
		m.see(&found[i])
	}
	return by
}

func weight(s analyze.Severity) int {
	return slices.Index([]analyze.Severity{analyze.Note, analyze.Warning, analyze.Error}, s)
}

// take uses up an entry for each key of a finding, or none, and returns the first.
func (m *matcher) take(f *analyze.Finding, near bool) *entry {
	var entries []*entry
	for _, k := range keysOf(f) {
		i := slices.IndexFunc(m.candidates(f, k, near), func(e *entry) bool { return e.accepts(f) })
		if i < 0 {
			return nil
		}
		entries = append(entries, m.candidates(f, k, near)[i])
	}
	for _, e := range entries {
		e.used.add(f)
	}
	return entries[0]
}

// see counts a finding for the entries that it belongs to, accepted or not.
func (m *matcher) see(f *analyze.Finding) {
	for _, k := range keysOf(f) {
		if c := m.candidates(f, k, true); len(c) > 0 {
			c[0].seen.add(f)
		}
	}
}

// candidates returns the entry for a key, and with near also those whose function may be the same: Python before 3.11 does not
// tell in which class a function is.
func (m *matcher) candidates(f *analyze.Finding, k key, near bool) []*entry {
	var out []*entry
	if e := m.exact[k]; e != nil {
		out = append(out, e)
	}
	if !near || f.At == nil {
		return out
	}
	for _, e := range m.near[nearKey{k.Rule, k.Path, k.test}] {
		if e.Function == k.Function {
			continue
		}
		if f.Process.OldNames() && analyze.Unqualified(k.Function, e.Function) || analyze.Unqualified(e.Function, k.Function) {
			out = append(out, e)
		}
	}
	return out
}
