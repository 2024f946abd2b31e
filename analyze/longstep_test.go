package analyze_test

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

func longSteps(t *testing.T, text string) *analyze.Process {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader("looptrace 1\n=run started_at=0 started_ns=0 pid=1 duration_ns=9000000000 exit_code=0 signal=0\n0 process_started pid=1 ppid=0 python=3.13.0 implementation=cpython\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run.Processes[0]
}

const twoTasks = `10 loop_opened loop=1
20 run_begun loop=1 thread=1 api=asyncio.run
30 task_spawned task=1 loop=1 at=/app.py:4:main coro=work def=/app.py:1:work
31 task_spawned task=2 loop=1 at=/app.py:5:main coro=beat def=/app.py:9:beat
`

func TestLongStep(t *testing.T) {
	p := longSteps(t, twoTasks+`1000000 step_begun task=1
100000000 step_sampled stack=/app.py:2:work state=S over_ns=90000000 cpu_ns=1 wait_ns=2
801000000 io_wait_ended loop=1
801000001 loop_late thread=1 loop=1 count=2 late_ns=750000000 ready=1
802000000 step_begun task=2
802100000 io_wait_begun loop=1
`)
	if len(p.LongSteps) != 1 {
		t.Fatalf("%d long steps", len(p.LongSteps))
	}
	s := p.LongSteps[0]
	if s.Task == nil || s.Task.Site.Coro != "work" || s.BeginNS != 1000000 || s.EndNS != 801000000 || !s.Ended || s.Others != 1 {
		t.Errorf("%+v", s)
	}
	if s.Late != 2 || s.LateNS != 749999999 || s.Ready != 0 {
		t.Errorf("late %d by %d, ready %d", s.Late, s.LateNS, s.Ready)
	}
	if len(s.Samples) != 1 || s.Samples[0].Stack[0].Line != 2 || s.Samples[0].State != "S" || s.Samples[0].OverNS != 90000000 {
		t.Errorf("%+v", s.Samples)
	}
	if len(p.Lateness) != 1 || p.Lateness[0].LongNS != s.LateNS {
		t.Errorf("%+v", p.Lateness)
	}
}

func TestLongStepReadyTasks(t *testing.T) {
	// Task 2 was ready in the same iteration of the loop; what comes after the next wait was not.
	p := longSteps(t, twoTasks+`1000000 step_begun task=1
301000000 step_begun task=2
301100000 io_wait_ended loop=1
301200000 callback_begun
301300000 io_wait_begun loop=1
`)
	if s := p.LongSteps[0]; s.Ready != 1 || s.LateNS != 300000000 || s.ReadySiblings != 0 {
		t.Errorf("%+v", s)
	}
}

func TestLongCallbackNeedsASample(t *testing.T) {
	p := longSteps(t, twoTasks+`1000000 callback_begun
500000000 io_wait_begun loop=1
500000001 callback_begun
600000000 step_sampled stack=/app.py:2:tick
900000000 io_wait_begun loop=1
`)
	if len(p.LongSteps) != 1 || p.LongSteps[0].Task != nil || p.LongSteps[0].BeginNS != 500000001 {
		t.Errorf("%+v", p.LongSteps)
	}
}

func TestLongStepThatNeverEnded(t *testing.T) {
	p := longSteps(t, twoTasks+`1000000 step_begun task=1
100000000 step_sampled stack=/app.py:2:work
900000000 step_sampled stack=/app.py:2:work
`)
	if len(p.LongSteps) != 1 || p.LongSteps[0].Ended || p.LongSteps[0].EndNS != 900000000 || len(p.LongSteps[0].Samples) != 2 {
		t.Errorf("%+v", p.LongSteps)
	}
}

func TestShortStepsAreNone(t *testing.T) {
	p := longSteps(t, twoTasks+`1000000 step_begun task=1
90000000 step_sampled stack=/app.py:2:work
95000000 step_begun task=2
96000000 io_wait_begun loop=1
900000000 step_begun task=1
900000001 task_ended task=1 number=1
`)
	if len(p.LongSteps) != 0 {
		t.Errorf("%+v", p.LongSteps)
	}
}
