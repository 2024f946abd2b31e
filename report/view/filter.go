package view

import (
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/tasklist"
)

// parallel calls do for parts of n, which begin at multiples of 64, on all processors.
func parallel(n int, do func(from, to int)) {
	part := (n/runtime.GOMAXPROCS(0)/64 + 1) * 64
	var all sync.WaitGroup
	for from := 0; from < n; from += part {
		all.Go(func() { do(from, min(from+part, n)) })
	}
	all.Wait()
}

// filter says which tasks to show; the zero value shows all.
type filter struct {
	text string
	only []*analyze.Task // of a finding; nil: all
	what string          // of which the tasks are: "finding 2"
}

func (f filter) none() bool { return f.text == "" && f.only == nil }

// matcher tells which tasks pass a filter. It remembers what it found out of sites and states, so it is not for two
// goroutines.
type matcher struct {
	x      *index
	only   map[*analyze.Task]bool // nil: all
	words  []func(string) bool
	live   []bool // the word is "live"
	sites  map[*analyze.Site]bool
	states map[string]bool
}

func (x *index) matcher(f filter) *matcher {
	m := &matcher{x: x, sites: map[*analyze.Site]bool{}, states: map[string]bool{}}
	if f.only != nil {
		m.only = make(map[*analyze.Task]bool, len(f.only))
		for _, t := range f.only {
			m.only[t] = true
		}
	}
	for _, w := range strings.Fields(f.text) {
		m.words = append(m.words, tasklist.Matcher(w))
		m.live = append(m.live, w == "live")
	}
	return m
}

// passes reports whether a task passes the filter.
func (m *matcher) passes(t *analyze.Task) bool {
	switch {
	case m.only != nil && !m.only[t]:
		return false
	case len(m.words) != 1:
		for i := range m.words {
			if !m.matches(i, t) {
				return false
			}
		}
		return true
	case m.words[0](t.Name):
		return true
	}
	hit, ok := m.sites[t.Site]
	if !ok {
		hit = matchesSite(m.words[0], t.Site)
		m.sites[t.Site] = hit
	}
	if hit {
		return true
	}
	hit, ok = m.states[t.Outcome]
	if !ok {
		hit = m.words[0](t.Outcome)
		m.states[t.Outcome] = hit
	}
	return hit || (t.EndedNS == 0 || m.live[0]) && m.matches(0, t)
}

func matchesSite(word func(string) bool, s *analyze.Site) bool {
	return s != nil && (word(s.Coro) || word(s.Via) || s.At != nil && word(s.At.File))
}

// matches looks for a word in all that is shown of a task.
func (m *matcher) matches(i int, t *analyze.Task) bool {
	word := m.words[i]
	if word(t.Name) || matchesSite(word, t.Site) || m.live[i] && m.x.atEnd[t] {
		return true
	}
	row := m.x.row(t)
	if word(row.State) {
		return true
	}
	l := row.Live
	return l != nil && (word(l.On.Kind) || l.At != nil && (word(l.At.File) || word(l.At.Text)))
}

// checkEvery is after how many tasks an arranging looks whether it is still wanted.
const checkEvery = 1 << 15

// pick returns those of an order that pass a filter; nil if it is no longer wanted.
func (x *index) pick(order []int32, f filter, unwanted func() bool) []int32 {
	if f.only != nil && f.text == "" && len(f.only) < len(order)/64 {
		return x.pickOnly(order, f.only)
	}
	hits := make([]uint64, len(x.tasks)/64+1) // in the order of memory first: that is faster
	parallel(len(x.tasks), func(from, to int) {
		pass := x.matcher(f)
		for i := from; i < to; i++ {
			if i%checkEvery == 0 && unwanted() {
				return
			}
			if pass.passes(x.tasks[i]) {
				hits[i/64] |= 1 << (i % 64)
			}
		}
	})
	if unwanted() {
		return nil
	}
	var list []int32
	for _, i := range order {
		if hits[i/64]>>(i%64)&1 != 0 {
			list = append(list, i)
		}
	}
	return slices.Clip(list)
}

// pickOnly is pick for a few tasks.
func (x *index) pickOnly(order []int32, only []*analyze.Task) []int32 {
	wanted := make(map[int32]bool, len(only))
	for _, t := range only {
		if i := x.place(t); i >= 0 {
			wanted[int32(i)] = true
		}
	}
	list := make([]int32, 0, len(wanted))
	for _, i := range order {
		if wanted[i] {
			list = append(list, i)
			delete(wanted, i)
		}
	}
	return list
}
