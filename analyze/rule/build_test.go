package rule

import (
	"fmt"
	"slices"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// world builds a run by hand. Time goes on by a millisecond with everything that happens.
type world struct {
	run *analyze.Run
	p   *analyze.Process
	now int64
}

func newWorld(minor int) *world {
	code := 0
	p := &analyze.Process{
		ID: 1, PID: 100, Main: true, Cwd: "/srv/app", Runtime: fmt.Sprintf("cpython 3.%d.0", minor), Version: [3]int{3, minor, 0},
		Exit: analyze.Exit{Observed: true, Reason: "exit", Code: &code, TimeNS: 9e9},
	}
	return &world{run: &analyze.Run{Processes: []*analyze.Process{p}}, p: p}
}

func (w *world) tick() int64 { w.now += 1e6; return w.now }

// at is a line of the program; its function is known from the line so that a test need not repeat it.
func at(line int, function, text string) analyze.Frame {
	return analyze.Frame{File: "/srv/app/app.py", Line: line, Function: function, Text: text, User: true}
}

func lib(file, function string) analyze.Frame {
	return analyze.Frame{File: "/usr/lib/python3/" + file, Line: 1, Function: function}
}

func site(pkg, function string) analyze.Frame {
	return analyze.Frame{File: "/usr/lib/python3/site-packages/" + pkg + "/core.py", Line: 7, Function: function}
}

func stack(frames ...analyze.Frame) []analyze.Frame { return frames }

// loop opens a loop at line 1 of the program.
func (w *world) loop() *analyze.Loop {
	l := &analyze.Loop{ID: len(w.run.Loops) + 1, Process: w.p, Class: "_UnixSelectorEventLoop", Thread: "MainThread", OpenedNS: w.tick()}
	l.Stack = stack(lib("asyncio/events.py", "new_event_loop"), at(1, "<module>", "loop = asyncio.new_event_loop()"))
	l.At = &l.Stack[1]
	w.run.Loops = append(w.run.Loops, l)
	w.p.Loops = append(w.p.Loops, l)
	return l
}

// task spawns a task of the coroutine function coro at line 20.
func (w *world) task(l *analyze.Loop, name, coro string) *analyze.Task {
	f := at(20, "main", "asyncio.create_task("+coro+"())")
	t := &analyze.Task{
		ID: len(w.run.Tasks) + 1, Process: w.p, Loop: l, Name: name, Outcome: "pending", Steps: 2, SpawnedNS: w.tick(), BirthSeen: true,
		Site: &analyze.Site{Coro: coro, Stack: stack(f), At: &f},
	}
	w.run.Tasks = append(w.run.Tasks, t)
	return t
}

// done spawns a task that has returned.
func (w *world) done(l *analyze.Loop, name string) *analyze.Task {
	t := w.task(l, name, name)
	t.Outcome, t.EndedNS = "returned", w.tick()
	return t
}

// ran runs a loop at line 5 until exception, "" if it returned.
func (w *world) ran(l *analyze.Loop, exception string) *analyze.LoopRun {
	f := at(5, "<module>", "loop.run_until_complete(main())")
	r := &analyze.LoopRun{Loop: l, API: "run_until_complete", Thread: "MainThread", BeginNS: w.tick(), Stack: stack(f), At: &f}
	r.Target, r.TargetDone, r.Exception = w.done(l, "main"), true, exception
	r.Target.Outcome = map[bool]string{true: "returned", false: "raised"}[exception == ""]
	r.EndNS = w.tick()
	l.Runs = append(l.Runs, r)
	return r
}

func live(t *analyze.Task) *analyze.Live {
	f := at(30, "work", "await asyncio.sleep(10)")
	return &analyze.Live{
		Task: t, State: "suspended", Awaiting: stack(f), At: &f, On: analyze.On{Kind: "sleep"}, Steps: t.Steps, Cancelling: -1,
		LogDestroy: true, StepsSinceCancel: -1, AsOfNS: 8e9,
	}
}

// closed closes a loop at line 9.
func (w *world) closed(l *analyze.Loop, left ...*analyze.Live) *analyze.Close {
	c := w.close(l, "closed", left...)
	l.ClosedBy = c
	return c
}

func (w *world) close(l *analyze.Loop, outcome string, left ...*analyze.Live) *analyze.Close {
	f := at(9, "<module>", "loop.close()")
	c := &analyze.Close{
		Index: len(w.run.Closes), Loop: l, Process: w.p, TimeNS: w.tick(), Outcome: outcome, Thread: "MainThread",
		Stack: stack(f), At: &f, Live: left,
	}
	if n := len(l.Runs); n > 0 {
		c.Before = l.Runs[n-1]
	}
	w.run.Closes = append(w.run.Closes, c)
	l.Closes = append(l.Closes, c)
	return c
}

// refuses closes the running loop inside task t, nil for a callback.
func (w *world) refuses(l *analyze.Loop, t *analyze.Task) *analyze.Close {
	r := w.begin(l)
	f := at(9, "shutdown", "loop.close()")
	c := w.close(l, "refused")
	c.Stack, c.At, c.Running, c.RunningThread, c.Task, c.Before = stack(f), &f, true, r.Thread, t, nil
	return c
}

// begin starts a run that does not end.
func (w *world) begin(l *analyze.Loop) *analyze.LoopRun {
	r := w.ran(l, "")
	r.EndNS, r.TargetDone, r.Target.Outcome = 0, false, "pending"
	return r
}

func (w *world) cancel(l *analyze.Live, stepsAfter int) {
	f := at(8, "<module>", "task.cancel()")
	l.Task.Cancels = append(l.Task.Cancels, analyze.Cancel{TimeNS: w.tick(), Stack: stack(f), At: &f, StepsAfter: stepsAfter})
	l.CancelsSoFar, l.StepsSinceCancel = len(l.Task.Cancels), stepsAfter
}

// tell returns the findings above a note as "severity rule/cause@line".
func tell(found []analyze.Finding) []string {
	told := []string{}
	for _, f := range found {
		if f.Severity == analyze.Note {
			continue
		}
		s := string(f.Severity) + " " + f.Rule
		if f.Cause != "" {
			s += "/" + f.Cause
		}
		if f.At != nil {
			s += fmt.Sprintf("@%d", f.At.Line)
		}
		told = append(told, s)
	}
	return told
}

// scenario is a run and what is to be told of it.
type scenario struct {
	name  string
	minor int // of the Python version; 0: 12
	build func(w *world)
	want  []string
}

func (s scenario) world() *world {
	minor := s.minor
	if minor == 0 {
		minor = 12
	}
	w := newWorld(minor)
	s.build(w)
	return w
}

func try(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			res := Check(s.world().run, "test")
			want := s.want
			if want == nil {
				want = []string{}
			}
			if got := tell(res.Findings); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			for i := range res.Findings {
				wellFormed(t, &res.Findings[i])
			}
		})
	}
}

// wellFormed checks what holds for every finding.
func wellFormed(t *testing.T, f *analyze.Finding) {
	t.Helper()
	r := Lookup(f.Rule)
	if r == nil {
		t.Fatalf("finding of unknown rule %q", f.Rule)
	}
	if f.Cause != "" && !slices.ContainsFunc(r.Causes, func(c analyze.CauseInfo) bool { return c.ID == f.Cause }) {
		t.Errorf("%s: cause %q is not documented", f.Rule, f.Cause)
	}
	if f.Message == "" || f.Fix.Summary == "" || len(f.Fingerprint) != 64 || f.Process == nil || len(f.Evidence) == 0 {
		t.Errorf("%s: incomplete finding %+v", f.Rule, f)
	}
}
