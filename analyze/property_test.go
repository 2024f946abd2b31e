package analyze

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// program plays a random program on two loops and keeps, in the most naive way, what must be found out about it.
type program struct {
	tr    *trace
	t     *rapid.T
	next  tracefile.TaskID
	tasks []*modelTask
	open  [3]*modelTask // by thread: whose step is open
	began [3]int64
	span  [3]int64 // time in steps of the thread
	sites [2]tracefile.SiteID
	waits [2]tracefile.StackID
}

type modelTask struct {
	id      tracefile.TaskID
	thread  tracefile.ThreadID
	parent  *modelTask
	steps   int
	busy    int64
	outcome string
	cancels int
	waiting int // line of the last sample
}

func newProgram(t *rapid.T) *program {
	p := &program{tr: newTrace(), t: t}
	p.tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: 2, Name: "other"})
	for id := tracefile.LoopID(1); id <= 2; id++ {
		p.tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: id, Thread: tracefile.ThreadID(id)}, "class", "L")
		p.tr.rare(tracefile.RunBegun, tracefile.Event{Loop: id, Thread: tracefile.ThreadID(id)}, "api", "run_forever")
	}
	p.sites[0] = p.tr.site("work", "app.py:5:main:spawn()")
	p.waits = [2]tracefile.StackID{p.tr.stack("app.py:7:main:wait(1)"), p.tr.stack("app.py:8:main:wait(2)")}
	p.sites[1] = p.tr.site("serve", "asyncio/streams.py:5:connection_made")
	return p
}

func (p *program) endStep(thread tracefile.ThreadID) {
	if m := p.open[thread]; m != nil {
		d := p.tr.now - p.began[thread]
		m.busy += d
		p.span[thread] += d
		p.open[thread] = nil
	}
}

// act does one random thing on a random thread.
func (p *program) act() {
	thread := tracefile.ThreadID(rapid.IntRange(1, 2).Draw(p.t, "thread"))
	e := tracefile.Event{Thread: thread}
	var mine []*modelTask
	for _, m := range p.tasks {
		if m.thread == thread && m.outcome == "pending" {
			mine = append(mine, m)
		}
	}
	what := rapid.SampledFrom([]string{"spawn", "spawn", "step", "step", "step", "end", "end", "cancel", "wake", "wait", "callback", "idle", "return"}).Draw(p.t, "what")
	var m *modelTask
	if len(mine) > 0 {
		m = rapid.SampledFrom(mine).Draw(p.t, "task")
		e.Task = m.id
	}
	switch {
	case what == "spawn" || m == nil:
		p.spawn(thread)
	case what == "step":
		e.Kind = tracefile.StepBegun
		p.tr.add(e)
		p.endStep(thread)
		m.steps++
		p.open[thread], p.began[thread] = m, p.tr.now
	case what == "end":
		n := rapid.IntRange(1, 3).Draw(p.t, "outcome")
		e.Kind, e.Number, e.Name = tracefile.TaskEnded, uint64(n), fmt.Sprint("task-", m.id)
		p.tr.add(e)
		if m.steps > 0 { // otherwise it ran within the open step, if there is one
			p.endStep(thread)
		}
		m.outcome = outcomeNames[n]
	case what == "cancel":
		e.Kind = tracefile.CancelRequested
		p.tr.add(e)
		m.cancels++
	case what == "wake":
		e.Kind = tracefile.TaskWoken
		p.tr.add(e)
	case what == "wait" && p.open[thread] != m:
		line := rapid.IntRange(1, 9).Draw(p.t, "line")
		e.Kind, e.Chain = tracefile.TaskWaiting, p.tr.chain("suspended", "future", fmt.Sprintf("app.py:%d:work", line))
		p.tr.add(e)
		m.waiting = line
	case what == "return": // of asyncio.wait(), with a task left; the call site is one of a few
		e.Loop, e.Stack = tracefile.LoopID(thread), p.waits[len(p.tasks)%len(p.waits)]
		p.tr.rare(tracefile.WaitReturned, e, "tasks", fmt.Sprint(m.id, ",", len(p.tasks)))
	case what == "idle":
		e.Kind, e.Task = tracefile.IOWaitBegun, 0
		p.tr.add(e)
		p.endStep(thread)
	default:
		e.Kind, e.Task = tracefile.CallbackBegun, 0
		p.tr.add(e)
		p.endStep(thread)
	}
}

func (p *program) spawn(thread tracefile.ThreadID) {
	p.next++
	p.tr.add(tracefile.Event{
		Kind: tracefile.TaskSpawned, Thread: thread, Task: p.next, Loop: tracefile.LoopID(thread), Site: p.sites[int(p.next)%2],
	})
	p.tasks = append(p.tasks, &modelTask{id: p.next, thread: thread, parent: p.open[thread], outcome: "pending"})
}

// TestBuildAgreesWithTheModel builds a run from the events of a random program and compares it with what happened.
func TestBuildAgreesWithTheModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newProgram(rt)
		for range rapid.IntRange(0, 200).Draw(rt, "events") {
			p.act()
		}
		keep := rapid.SampledFrom([]int{-1, 1, 5, 1000}).Draw(rt, "keep")
		run, err := Build(p.tr, Options{KeepTasks: keep})
		if err != nil {
			rt.Fatal(err)
		}
		checkRun(t, run)
		p.compare(run, keep)
	})
}

func (p *program) compare(run *Run, keep int) {
	byID := map[int]*Task{}
	for _, task := range run.Tasks {
		byID[task.ID] = task
	}
	var busy [3]int64
	pending := 0
	for _, m := range p.tasks {
		got := byID[int(m.id)] // the only stream: its ids are the run's
		busy[m.thread] += m.busy
		if m.outcome == "pending" {
			pending++
		}
		if got == nil {
			if m.outcome == "pending" || keep == 1000 {
				p.t.Errorf("task %d (%s) is missing", m.id, m.outcome)
			}
			continue
		}
		if got.Steps != m.steps || got.BusyNS != m.busy || got.Outcome != m.outcome || len(got.Cancels) != min(m.cancels, maxCancels) {
			p.t.Errorf("task %d: %+v, want %+v", m.id, got, m)
		}
		if parent := got.Parent; parent == nil != (m.parent == nil) || parent != nil && parent.ID != int(m.parent.id) {
			p.t.Errorf("parent of %d: %+v, want %+v", m.id, parent, m.parent)
		}
	}
	for thread, b := range busy {
		if b != p.span[thread] {
			p.t.Errorf("thread %d: steps of %d ns, busy for %d ns: steps overlap", thread, p.span[thread], b)
		}
	}
	p.compareLive(run.Processes[0].Exit.Live, pending)
	spawned, ended := 0, 0
	for _, sc := range run.Folded {
		spawned += sc.Spawned
		ended += sc.Returned + sc.Raised + sc.Cancelled
	}
	if spawned != len(p.tasks) || spawned-ended != pending {
		p.t.Errorf("%d spawned, %d ended, want %d and %d live", spawned, ended, len(p.tasks), pending)
	}
}

// compareLive compares the live set rebuilt at the end: nothing in the trace says that the process ended.
func (p *program) compareLive(live []*Live, pending int) {
	if len(live) != pending {
		p.t.Errorf("%d live, want %d", len(live), pending)
	}
	anyStep := false
	for _, m := range p.tasks {
		anyStep = anyStep || m.steps > 0
	}
	for _, l := range live {
		m := p.tasks[l.Task.ID-1]
		want, line := "suspended", m.waiting
		switch {
		case p.open[m.thread] == m:
			want, line = "running", 0
		case m.steps == 0 && anyStep && line == 0:
			want = "not-started"
		}
		got := 0
		if l.At != nil {
			got = l.At.Line
		}
		if l.State != want || got != line || l.CancelsSoFar != m.cancels {
			p.t.Errorf("task %d is %s at %d after %d cancels, want %s at %d after %d", m.id, l.State, got, l.CancelsSoFar, want, line, m.cancels)
		}
	}
}
