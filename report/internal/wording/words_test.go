package wording

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestNamesOfTasksAreSaidOnce(t *testing.T) {
	p := &Phraser{}
	for _, c := range []struct {
		task *analyze.Task
		want string
	}{
		{&analyze.Task{ID: 3}, "task 3"},
		{&analyze.Task{ID: 3, Name: "Task-3"}, "Task-3"},
		{&analyze.Task{ID: 3, Name: "Task-4"}, "task 3 Task-4"},
		{&analyze.Task{ID: 3, Name: "poller"}, "task 3 poller"},
	} {
		if got := p.Numbered(c.task); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if a, b := TaskWord("Task-2"), TaskWord("poller"); a != "Task-2" || b != "task poller" {
		t.Errorf("%q, %q", a, b)
	}
}

func TestCanceller(t *testing.T) {
	runner := func(function string) analyze.Frame {
		return analyze.Frame{File: "/usr/lib/python3.12/asyncio/runners.py", Function: function}
	}
	user := analyze.Frame{File: "/app.py", Function: "run", User: true}
	for _, c := range []struct {
		stack []analyze.Frame
		want  string
	}{
		{[]analyze.Frame{runner("_cancel_all_tasks"), runner("close"), runner("__exit__"), runner("run"), user}, "asyncio.run()"},
		{[]analyze.Frame{runner("_cancel_all_tasks"), runner("close"), user}, "Runner.close()"},
		{[]analyze.Frame{runner("_on_sigint"), runner("run"), user}, "Ctrl-C"},
		{[]analyze.Frame{user}, "Something outside any task"},
	} {
		if got := Canceller(&analyze.Cancel{Stack: c.stack}); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestCaretSpansTheWholeCall(t *testing.T) {
	all := Needles(&analyze.Finding{})
	for text, want := range map[string]string{
		"await asyncio.get_event_loop().run_in_executor(None, f)": "await asyncio.get_event_loop().run_in_executor(None, f)",
		"x = asyncio.ensure_future(Worker().run())":               "asyncio.ensure_future(Worker().run())",
		"asyncio.run(main())":                                     "asyncio.run(main())",
		"loop.run_until_complete(asyncio.gather(a(), b()))":       "loop.run_until_complete(asyncio.gather(a(), b()))",
	} {
		if from, to := Span(text, all); text[from:to] != want {
			t.Errorf("%s: %s", text, text[from:to])
		}
	}
}

// TestLibraryPaths pins that where the interpreter is installed takes no room.
func TestLibraryPaths(t *testing.T) {
	p := &Phraser{}
	for file, want := range map[string]string{
		"/opt/py/lib/python3.12/subprocess.py":                "subprocess.py:7",
		"/opt/venv/lib/python3.9/site-packages/requests/a.py": "requests/a.py:7",
		"/usr/lib/python3/dist-packages/yaml/__init__.py":     "yaml/__init__.py:7",
	} {
		if got := p.At(&analyze.Frame{File: file, Line: 7}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
