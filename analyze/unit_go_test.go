package analyze

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Examples run one after the other on the main goroutine, which ends with none of them: each ends when the next one begins, and
// the last with the test binary. A test that runs on when the process panics has not ended.
func TestExamplesEnd(t *testing.T) {
	const events = `
10 step_begun thread=1 task=1
20 test_begun thread=1 task=1 runner=go\stest name=ExampleA
30 task_spawned thread=1 task=2 loop=1 at=/app/a_test.go:3:app.ExampleA coro=app.work name=goroutine\s7
40 test_begun thread=1 task=1 runner=go\stest name=ExampleB
50 task_spawned thread=1 task=3 loop=1 at=/app/a_test.go:9:app.ExampleB coro=app.work name=goroutine\s8
60 step_begun thread=2 task=3
60 test_begun thread=2 task=3 runner=go\stest name=TestC
70 process_ending thread=1 reason=exit code=0
`
	for _, c := range []struct {
		events string
		ends   map[string]int64
	}{
		{events, map[string]int64{"ExampleA": 40, "ExampleB": 70, "TestC": 0}},
		{strings.Replace(events, "code=0", "code=2", 1), map[string]int64{"ExampleA": 40, "ExampleB": 0, "TestC": 0}},
	} {
		run, err := Build(unended(goTrace(c.events)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range run.Tests {
			if want, ok := c.ends[test.Name]; !ok || test.EndNS != want {
				t.Errorf("%s ended at %d, want %d", test.Name, test.EndNS, want)
			}
		}
		if a := run.Tasks[1]; a.Test == nil || a.Test.Name != "ExampleA" || len(run.Tests) != 3 {
			t.Errorf("task 2 is of %v; tests %v", a.Test, run.Tests)
		}
	}
}

// A timer's goroutine is made by no other one: the function in which it starts tells the test.
func TestTimersOfTests(t *testing.T) {
	const events = `
10 task_spawned thread=1 task=2 loop=1 coro=testing.tRunner name=goroutine\s7
20 test_begun thread=1 task=2 runner=go\stest name=TestA
30 task_spawned thread=2 task=3 loop=1 coro=app.TestA.func1 def=/app/a_test.go:9:app.TestA.func1:app.TestA.func1 name=goroutine\s8
30 task_spawned thread=2 task=4 loop=1 coro=app.TestB.func1 def=/app/a_test.go:9:app.TestB.func1:app.TestB.func1 name=goroutine\s9
30 task_spawned thread=2 task=5 loop=1 coro=app.work def=/app/a.go:9:app.work:app.work name=goroutine\s10
40 task_ended thread=1 task=2 number=1
`
	run, err := Build(unended(goTrace(events)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range run.Tasks {
		if of := task.Test != nil; of != (task.Name == "goroutine 8" || task.Name == "goroutine 7") {
			t.Errorf("%s is of %+v", task.Name, task.Test)
		}
	}
	if len(run.Tasks) != 4 {
		t.Errorf("%d tasks", len(run.Tasks))
	}
}

// unended is a source of a run of which nobody saw how the command ended.
func unended(src tracefile.Source) tracefile.Source { return endless{src} }

type endless struct{ tracefile.Source }

func (s endless) Run() tracefile.RunInfo {
	info := s.Source.Run()
	info.Ended = false
	return info
}
