package analyze

import "testing"

// A call in a step without a frame of the program is told at the line that spawned the task.
func TestLineIn(t *testing.T) {
	run := Frame{File: "/lib/asyncio/events.py", Function: "_run"}
	get := Frame{File: "/lib/asyncio/queues.py", Function: "get"}
	outer := Frame{File: "/app.py", Function: "<module>", Line: 9, User: true}
	inner := Frame{File: "/app.py", Function: "main", Line: 5, User: true}
	wrapped := &Task{Site: &Site{At: &Frame{File: "/app.py", Function: "main", Line: 3, User: true}}}
	for _, c := range []struct {
		name   string
		frames []Frame
		task   *Task
		want   int
	}{
		{"the program is in the step", []Frame{get, inner, run, outer}, wrapped, 5},
		{"only the library is", []Frame{get, run, outer}, wrapped, 3},
		{"outside any step", []Frame{get, outer}, wrapped, 9},
		{"a suspended coroutine of the library", []Frame{get}, wrapped, 3},
		{"a callback", []Frame{get, run, outer}, nil, 9},
		{"a task of unknown origin", []Frame{get, run, outer}, &Task{}, 9},
	} {
		if at := lineIn(c.task, innermost(c.frames), c.frames); at == nil || at.Line != c.want {
			t.Errorf("%s: %+v, want line %d", c.name, at, c.want)
		}
	}
}
