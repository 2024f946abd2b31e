package analyze

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

func fromText(t *testing.T, text string) *Run {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	run, err := Build(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestRecordingStops: after the note that says so, a task that is in no snapshot is none that was collected, an open step is
// none that is still going on, and the facts are not complete.
func TestRecordingStops(t *testing.T) {
	run := fromText(t, `looptrace 1
=run command=["app"] started_at=0 started_ns=1 pid=9 duration_ns=900000000 exit_code=0 signal=0
=stream 1
1 process_started pid=9 python=3.13.0 implementation=cpython
2 loop_opened thread=1 loop=1
3 run_begun thread=1 loop=1 api=run_until_complete
4 task_spawned thread=1 task=1 loop=1 coro=main at=/app.py:1:main::x
5 step_begun task=1
6 note_added text=no\slonger stopped=1
700000000 step_sampled stack=1
800000000 process_ending reason=exit
`)
	p := run.Processes[0]
	if p.LostNS != 6 || run.Health.Complete {
		t.Errorf("lost since %d, complete %v", p.LostNS, run.Health.Complete)
	}
	if task := run.Tasks[0]; task.Outcome != "pending" || len(p.LongSteps) != 0 {
		t.Errorf("outcome %s, long steps %v", task.Outcome, p.LongSteps)
	}
}

// TestRecordingIsCut: a torn recording of a process that was not killed stopped before the process did.
func TestRecordingIsCut(t *testing.T) {
	const text = `looptrace 1
=run command=["app"] started_at=0 started_ns=1 pid=9 duration_ns=900000000 exit_code=STATUS
=stream 1
1 process_started pid=9 python=3.13.0 implementation=cpython
2 loop_opened thread=1 loop=1
4 task_spawned thread=1 task=1 loop=1 coro=main at=/app.py:1:main::x
=health dropped=0 truncated=1
`
	for status, lost := range map[string]bool{"0 signal=0": true, "-1 signal=9": false} {
		run := fromText(t, strings.Replace(text, "STATUS", status, 1))
		if got := run.Processes[0].LostNS != 0; got != lost {
			t.Errorf("exit_code=%s: lost %v", status, got)
		}
	}
}
