// Package tasklist picks, orders and encodes the tasks of a run: the rows of looptrace tasks. As a table it is rendered by
// report/term.
package tasklist

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/looptrace/looptrace/analyze"
)

// Row is one task as it was at the moment of the list.
type Row struct {
	Task    *analyze.Task
	State   string        // one of States
	Live    *analyze.Live // what it waited for; nil if it was not observed at that moment
	TotalNS int64         // from its spawn to its end or to the moment
	Steps   int           // taken until then; -1 if that was not observed
	BusyNS  int64         // in these steps; -1 if that was not observed
}

// States are the values of Row.State. A task of a list without a moment has its outcome; one at a moment has what it did
// then, "live" if that was not observed.
func States() []string {
	return []string{"pending", "returned", "raised", "cancelled", "collected", "suspended", "running", "not-started", "live"}
}

// SortKeys are the values of Query.Sort.
func SortKeys() []string {
	return []string{"id", "name", "state", "total", "busy", "steps", "spawned", "ended"}
}

// Query says which tasks to list; the zero value lists all by id.
type Query struct {
	At      When
	Filter  []string // each must match the name, the coroutine or a place: a part of it, or all of it if it holds * or ?
	Tests   []string // the name of the task's test must match any of them: a part of it, or all of it if it holds * or ?
	States  []string // any of them; "live" stands for every state of a task that has not ended
	Sort    string   // one of SortKeys, "" for id
	Reverse bool
	Fold    bool // leave out goroutines that are known and did not end
}

// List is the answer to a Query.
type List struct {
	Rows    []Row
	Moment  string // what the list is of: "live when the loop was closed at 0.051 s"; "" for a list without a moment
	Counted int    // tasks that were only counted while reading, and so cannot be listed
	Known   int    // goroutines that are known, and are left out: see analyze.Task.Known
}

// Select answers a query.
func Select(res *analyze.Result, q Query) (*List, error) {
	if err := check(q); err != nil {
		return nil, err
	}
	list, err := rowsAt(res, q.At)
	if err != nil {
		return nil, err
	}
	list.Rows = slices.DeleteFunc(list.Rows, func(r Row) bool {
		if q.Fold && r.Task.Known != "" && !ended(r.State) {
			list.Known++
			return true
		}
		return !stateIn(r.State, q.States) || !matches(r, q.Filter) || !inTests(r.Task, q.Tests)
	})
	order(list.Rows, q.Sort, q.Reverse)
	return list, nil
}

func check(q Query) error {
	for _, s := range q.States {
		if !slices.Contains(States(), s) {
			return &ValueError{Flag: "state", Value: s, Allowed: States()}
		}
	}
	if q.Sort != "" && !slices.Contains(SortKeys(), q.Sort) {
		return &ValueError{Flag: "sort", Value: q.Sort, Allowed: SortKeys()}
	}
	for _, f := range q.Filter {
		if _, err := path.Match(f, ""); err != nil {
			return fmt.Errorf("filter %q: %w", f, err)
		}
	}
	return nil
}

// ValueError says that a query holds a value that does not exist.
type ValueError struct {
	Flag, Value string
	Allowed     []string
}

func (e *ValueError) Error() string { return fmt.Sprintf("no such %s: %q", e.Flag, e.Value) }

func stateIn(state string, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	for _, w := range wanted {
		if w == state || w == "live" && !ended(state) {
			return true
		}
	}
	return false
}

func ended(state string) bool {
	switch state {
	case "returned", "raised", "cancelled", "collected":
		return true
	}
	return false
}

func matches(r Row, filters []string) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(searched(r), func(text string) bool { return Match(f, text) }) {
			return false
		}
	}
	return true
}

func inTests(t *analyze.Task, tests []string) bool {
	return len(tests) == 0 || t.Test != nil && slices.ContainsFunc(tests, func(f string) bool { return matchTest(f, t.Test.Name) })
}

// matchTest is match for names in which slashes and brackets stand for themselves: "tests/test_a.py::test_b[2]".
func matchTest(filter, name string) bool {
	if !strings.ContainsAny(filter, "*?") {
		return strings.Contains(strings.ToLower(name), strings.ToLower(filter))
	}
	f, n := []rune(filter), []rune(name)
	star, from := -1, 0 // the last * so far, and where what follows it is being tried
	i := 0
	for j := 0; j < len(n); {
		switch {
		case i < len(f) && f[i] == '*':
			star, from = i, j
			i++
		case i < len(f) && (f[i] == '?' || f[i] == n[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(f) && f[i] == '*' {
		i++
	}
	return i == len(f)
}

// searched returns the texts of a row that a filter looks at.
func searched(r Row) []string {
	texts := []string{r.Task.Name}
	if s := r.Task.Site; s != nil {
		texts = append(texts, s.Coro, s.Via)
		if s.At != nil {
			texts = append(texts, s.At.File)
		}
	}
	if r.Live != nil && r.Live.At != nil {
		texts = append(texts, r.Live.At.File, r.Live.At.Function, r.Live.At.Text)
	}
	return texts
}

// Match reports whether a text matches a filter: a part of it, whatever the case, or all of it if the filter holds *, ? or [.
func Match(filter, text string) bool { return Matcher(filter)(text) }

// Matcher is Match for many texts.
func Matcher(filter string) func(text string) bool {
	if strings.ContainsAny(filter, "*?[") {
		return func(text string) bool {
			ok, err := path.Match(filter, text)
			return ok && err == nil
		}
	}
	lower := strings.ToLower(filter)
	if !ascii(filter) {
		return func(text string) bool { return strings.Contains(strings.ToLower(text), lower) }
	}
	return func(text string) bool { return holds(text, lower) }
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// holds reports whether text holds part, which is ASCII in lower case, in any case. It makes no copy of the text.
func holds(text, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		n := 0
		for n < len(part) && lowerByte(text[i+n]) == part[n] {
			n++
		}
		if n == len(part) {
			return true
		}
	}
	return false
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// order sorts rows; the largest durations and step counts come first, for that is what one looks for.
func order(rows []Row, key string, reverse bool) {
	by := func(a, b Row) int { return 0 }
	switch key {
	case "name":
		by = func(a, b Row) int { return cmp.Compare(a.Task.Name, b.Task.Name) }
	case "state":
		by = func(a, b Row) int { return cmp.Compare(a.State, b.State) }
	case "total":
		by = func(a, b Row) int { return cmp.Compare(b.TotalNS, a.TotalNS) }
	case "busy":
		by = func(a, b Row) int { return cmp.Compare(b.BusyNS, a.BusyNS) }
	case "steps":
		by = func(a, b Row) int { return cmp.Compare(b.Steps, a.Steps) }
	case "spawned":
		by = func(a, b Row) int { return cmp.Compare(a.Task.SpawnedNS, b.Task.SpawnedNS) }
	case "ended":
		by = func(a, b Row) int { return cmp.Compare(endOrder(a), endOrder(b)) }
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		c := cmp.Or(by(a, b), cmp.Compare(a.Task.ID, b.Task.ID))
		if reverse {
			return -c
		}
		return c
	})
}

// endOrder puts the tasks that never ended last.
func endOrder(r Row) int64 {
	if r.Task.EndedNS == 0 {
		return int64(^uint64(0) >> 1)
	}
	return r.Task.EndedNS
}
