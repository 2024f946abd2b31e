package wording

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func inTest(test *analyze.Test, line int) *analyze.Task {
	helper := analyze.Frame{File: "/a/app.py", Line: 5, Function: "spawn", Text: "create_task(coro)", User: true}
	call := analyze.Frame{File: "/a/t.py", Line: line, Function: "test_run", Text: "spawn(poll())", User: true}
	runner := analyze.Frame{File: "/lib/_pytest/python.py", Line: 1, Function: "call"}
	return &analyze.Task{ID: line, Test: test, Site: &analyze.Site{Coro: "poll", At: &helper, Stack: []analyze.Frame{helper, call, runner}}}
}

// TestCallersOfHelpers: where a helper spawned tasks, the lines of the tests that called it are told.
func TestCallersOfHelpers(t *testing.T) {
	p, test := &Phraser{}, &analyze.Test{Name: "t.py::test_run"}
	at := "at /a/app.py:5 in spawn: create_task(coro)"
	for _, c := range []struct {
		tasks []*analyze.Task
		want  string
	}{
		{[]*analyze.Task{inTest(nil, 8)}, at},
		{[]*analyze.Task{inTest(test, 8)}, at + "; called at /a/t.py:8 in test_run: spawn(poll())"},
		{[]*analyze.Task{inTest(test, 8), inTest(test, 8)}, at + "; called at /a/t.py:8 in test_run: spawn(poll())"},
		{[]*analyze.Task{inTest(test, 8), inTest(test, 9), inTest(test, 10)}, at + "; called at /a/t.py:8 in test_run: spawn(poll()), and at 2 other lines"},
	} {
		if got := p.SpawnedAll(LiveOf(c.tasks)); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestLiveAtTheEndOfTests: a finding without tasks does not tell what other tests left.
func TestLiveAtTheEndOfTests(t *testing.T) {
	mine, other := &analyze.Test{Name: "a"}, &analyze.Test{Name: "b"}
	p := &analyze.Process{Exit: analyze.Exit{Live: LiveOf([]*analyze.Task{inTest(mine, 1), inTest(other, 2), inTest(nil, 3)})}}
	for _, c := range []struct {
		tests []*analyze.Test
		want  int
	}{{nil, 3}, {[]*analyze.Test{mine}, 1}, {[]*analyze.Test{{Name: "c"}}, 0}} {
		if m := MomentOf(&analyze.Finding{Process: p, Tests: c.tests}); len(m.Live) != c.want || m.Known() != (c.want > 0) {
			t.Errorf("%v: %d live, known %v; want %d", c.tests, len(m.Live), m.Known(), c.want)
		}
	}
}
