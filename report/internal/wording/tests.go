package wording

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// TestsShown bounds the tests that are named at once.
const TestsShown = 8

// testColumns bounds the name of one test: that of a parametrised one may be long.
const testColumns = 100

// InTests says in how many tests there are findings, "" outside of tests.
func InTests(res *analyze.Result) string {
	n := res.LeakingTests()
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" in %d of %s", n, Count(res.Run.CountTests(), "test"))
}

// Tests names tests, each whole, and says how many more there are.
func (p *Phraser) Tests(tests []*analyze.Test) string {
	return p.listed(tests, func(t *analyze.Test) string { return t.Name })
}

// Fixture says of a finding that is no test's own in which fixture its tasks were made, "" if in none.
func (p *Phraser) Fixture(f *analyze.Finding) string {
	for _, t := range f.Tasks {
		if t.Fixture == "" || t.Test == nil {
			continue
		}
		scope := "of scope " + t.Fixture
		if t.Fixture == "undetermined" {
			scope = "of a wider scope"
		}
		return fmt.Sprintf("one %s, set up or torn down in %s", scope, p.Tests([]*analyze.Test{t.Test}))
	}
	return ""
}

// TestsOfFile names tests of one file by class and function.
func (p *Phraser) TestsOfFile(tests []*analyze.Test) string {
	return p.listed(tests, func(t *analyze.Test) string {
		if t.Class == "" {
			return t.Function
		}
		return t.Class + "." + t.Function
	})
}

func (p *Phraser) listed(tests []*analyze.Test, name func(*analyze.Test) string) string {
	var names []string
	for _, t := range tests {
		if n := Middle(p.Clean(name(t)), testColumns, p.ASCII); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if more := len(names) - TestsShown; more > 1 {
		names = append(names[:TestsShown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// Leak says in one line what tests have in common: "poll(), spawned at app.py:7 in start, waiting at app.py:12 in poll".
func (p *Phraser) Leak(l *analyze.Leak) string {
	var parts []string
	if l.Coro != "" {
		parts = append(parts, p.Name(l.Coro)+"()")
	}
	if l.SpawnedAt != nil {
		verb := "at "
		if l.Coro != "" && len(l.Findings) > 0 {
			verb = map[bool]string{true: "made at ", false: "spawned at "}[l.Rule == "coroutine-never-awaited"]
		}
		parts = append(parts, verb+p.Place(l.SpawnedAt))
	}
	if l.WaitingAt != nil {
		parts = append(parts, "waiting at "+p.Place(l.WaitingAt))
	}
	return strings.Join(parts, ", ")
}
