package analyze

import (
	"fmt"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// blocked appends a TaskBlocked event: "1 lock 7 holders=2", with certain=1 unless it says otherwise.
func (tr *trace) blocked(task tracefile.TaskID, on string, attrs ...string) {
	tr.rare(tracefile.TaskBlocked, tracefile.Event{Task: task}, append([]string{"on", on, "certain", "1"}, attrs...)...)
}

// waiting begins a run with n tasks that have taken a step each.
func waiting(n int) *trace {
	tr := newTrace()
	tr.open("run_forever")
	site := tr.site("work", "app.py:3:main:create_task(work())")
	for id := tracefile.TaskID(1); int(id) <= n; id++ {
		tr.spawn(id, site)
	}
	for id := tracefile.TaskID(1); int(id) <= n; id++ {
		tr.hot(tracefile.StepBegun, id)
		tr.rare(tracefile.TaskWaiting, tracefile.Event{Task: id, Chain: tr.chain("suspended", "future", fmt.Sprintf("app.py:%d:work:wait", 10+id))})
	}
	tr.hot(tracefile.IOWaitBegun, 0)
	return tr
}

// circles writes deadlocks as "1>2: closed by 2", with what ended them and who is behind.
func circles(run *Run) string {
	var out []string
	for _, d := range run.Processes[0].Deadlocks {
		var ids []string
		for _, w := range d.Links {
			ids = append(ids, fmt.Sprint(w.Task.ID))
		}
		s := strings.Join(ids, ">") + fmt.Sprintf(" closed by %d@%d", d.Closing.Task.ID, d.Closing.At.Line)
		for _, t := range d.Behind {
			s += fmt.Sprintf(" +%d", t.ID)
		}
		switch {
		case d.EndNS != 0 && d.Cancelled:
			s += " cancelled"
		case d.EndNS != 0:
			s += " woken"
		}
		if d.Timed {
			s += " timed"
		}
		if d.First != nil {
			s += fmt.Sprintf(", first %d", d.First.Task.ID)
		}
		if d.Released != nil {
			s += fmt.Sprintf(" by release of %d", d.Released.ID)
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

func TestDeadlocks(t *testing.T) {
	abba := func(tr *trace) {
		tr.blocked(1, "lock", "object", "1", "holders", "2")
		tr.blocked(2, "lock", "object", "2", "holders", "1")
	}
	tests := []struct {
		name  string
		tasks int
		build func(tr *trace)
		want  string
	}{
		{"two locks", 2, abba, "1>2 closed by 2@12"},
		{"told twice", 2, func(tr *trace) { abba(tr); abba(tr) }, "1>2 closed by 2@12"},
		{"its own lock", 1, func(tr *trace) { tr.blocked(1, "lock", "object", "1", "holders", "1") }, "1 closed by 1@11"},
		{"a circle of awaits, and one behind", 4, func(tr *trace) {
			tr.blocked(1, "task", "awaits", "2")
			tr.blocked(2, "task", "awaits", "3")
			tr.blocked(3, "gather", "awaits", "1")
			tr.blocked(4, "task", "awaits", "2", "timed", "1")
		}, "1>2>3 closed by 3@13 +4 timed"},
		{"a chain without an end", 2, func(tr *trace) { tr.blocked(1, "task", "awaits", "2") }, ""},
		{"an uncertain wait", 2, func(tr *trace) {
			tr.blocked(1, "task", "awaits", "2")
			tr.rare(tracefile.TaskBlocked, tracefile.Event{Task: 2}, "on", "event", "certain", "0")
		}, ""},
		{"a gather() with another that may fail", 3, func(tr *trace) {
			tr.blocked(1, "gather", "awaits", "2,3")
			tr.blocked(2, "task", "awaits", "1")
		}, ""},
		{"a gather() all of whose tasks are stuck", 3, func(tr *trace) {
			tr.blocked(1, "gather", "awaits", "2,3")
			tr.blocked(2, "task", "awaits", "1")
			tr.blocked(3, "task", "awaits", "2")
		}, "1>2 closed by 2@12 +3"},
		{"a gather() one of whose tasks has ended since", 3, func(tr *trace) {
			tr.blocked(1, "gather", "awaits", "2,3")
			tr.blocked(2, "task", "awaits", "1")
			tr.hot(tracefile.StepBegun, 3)
			tr.end(3, tracefile.OutcomeReturned, "three")
		}, "1>2 closed by 2@12"},
		{"two permits, two tasks", 2, func(tr *trace) {
			tr.blocked(1, "semaphore", "object", "1", "holders", "1,2")
			tr.blocked(2, "semaphore", "object", "1", "holders", "1,2")
		}, "1>2 closed by 2@12"},
		{"the holder has stepped since", 2, func(tr *trace) {
			tr.blocked(1, "lock", "object", "1", "holders", "2")
			tr.hot(tracefile.StepBegun, 2)
			tr.blocked(2, "lock", "object", "2", "holders", "1")
		}, ""},
		{"the awaited one has ended", 2, func(tr *trace) {
			tr.blocked(1, "task", "awaits", "2")
			tr.hot(tracefile.StepBegun, 2)
			tr.end(2, tracefile.OutcomeReturned, "two")
			tr.blocked(1, "task", "awaits", "2")
		}, ""},
		{"cancelled", 2, func(tr *trace) {
			abba(tr)
			tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 2})
			tr.hot(tracefile.StepBegun, 2)
		}, "1>2 closed by 2@12 cancelled, first 2"},
		{"its own lock, in a wait_for() that times out", 2, func(tr *trace) {
			tr.blocked(1, "wait_for", "awaits", "2", "timed", "1", "own_limit", "1")
			tr.blocked(2, "lock", "object", "1", "holders", "1")
			tr.hot(tracefile.StepBegun, 1)
		}, "1>2 closed by 2@12 cancelled timed, first 1"},
		{"released by nobody known", 2, func(tr *trace) {
			abba(tr)
			tr.hot(tracefile.StepBegun, 2)
		}, "1>2 closed by 2@12 woken, first 2 by release of 2"},
		{"woken by nobody known", 2, func(tr *trace) {
			abba(tr)
			tr.hot(tracefile.StepBegun, 1)
		}, "1>2 closed by 2@12 woken, first 1 by release of 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := waiting(tt.tasks)
			tt.build(tr)
			if got := circles(tr.build(t, Options{})); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestWaitIsPartOfLive pins that a wait told right after the live tasks of a close belongs to them, and a later one does not.
func TestWaitIsPartOfLive(t *testing.T) {
	tr := waiting(2)
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack("app.py:6:main:loop.close()")})
	for id := tracefile.TaskID(1); id <= 2; id++ {
		tr.live(id, "t", tr.chain("suspended", "future", "app.py:20:work:await x"))
	}
	made := tr.stack("asyncio/locks.py:5:__init__", "app.py:2:__init__:super().__init__()", "app.py:7:main:Guard()")
	tr.blocked(1, "lock", "object", "4", "object_stack", fmt.Sprint(made), "holders", "2")
	tr.blocked(2, "queue", "op", "get", "object", "5", "size", "0", "getters", "2")
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "closed")
	live := tr.build(t, Options{}).Closes[0].Live
	lock, queue := live[0], live[1]
	if lock.On.Kind != "lock" || lock.On.Task != queue.Task || lock.Wait.Object.At.Line != 7 || lock.Wait.At.Line != 20 {
		t.Errorf("lock: %+v %+v", lock.On, lock.Wait)
	}
	if queue.On.Kind != "queue" || queue.On.Task != nil || queue.Wait.Size != 0 || queue.Wait.Getters != 2 || queue.Wait.Putters != -1 {
		t.Errorf("queue: %+v %+v", queue.On, queue.Wait)
	}
}

// TestStaleWait pins that what was told before a task's last step says nothing about its end.
func TestStaleWait(t *testing.T) {
	tr := waiting(1)
	tr.blocked(1, "event", "object", "1")
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.IOWaitBegun, 0)
	if l := tr.build(t, Options{}).Processes[0].Exit.Live; len(l) != 1 || l[0].Wait != nil {
		t.Errorf("got %+v", l[0].Wait)
	}
	tr.blocked(1, "event", "object", "1")
	if l := tr.build(t, Options{}).Processes[0].Exit.Live; len(l) != 1 || l[0].Wait == nil || l[0].On.Kind != "event" {
		t.Errorf("got %+v", l[0].On)
	}
}
