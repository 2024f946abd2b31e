package analyze

import (
	"fmt"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"pgregory.net/rapid"
)

// The steps of the timeline add up to the busy time of their tasks, lie between birth and end, and are in order.
func TestTimelineAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newProgram(t)
		for range rapid.IntRange(1, 80).Draw(t, "acts") {
			p.act()
		}
		run, err := Build(p.tr, Options{Timeline: &TimelineOptions{}})
		if err != nil {
			t.Fatal(err)
		}
		steps, busy := map[*Task]int{}, map[*Task]int64{}
		last := int64(0)
		for _, s := range run.Timeline.Steps {
			if s.BeginNS < last {
				t.Fatal("the steps are not sorted")
			}
			last = s.BeginNS
			if s.Task == nil {
				continue
			}
			steps[s.Task]++
			if s.EndNS != 0 {
				busy[s.Task] += s.EndNS - s.BeginNS
			}
			if s.BeginNS < s.Task.SpawnedNS || s.Task.EndedNS != 0 && s.EndNS > s.Task.EndedNS {
				t.Fatalf("task %d: a step outside its life", s.Task.ID)
			}
		}
		for _, task := range run.Tasks {
			if steps[task] != task.Steps || busy[task] != task.BusyNS {
				t.Fatalf("task %d: %d steps of %d ns in the timeline, %d of %d ns in all", task.ID, steps[task], busy[task], task.Steps, task.BusyNS)
			}
		}
	})
}

// Of more steps than may be kept the last ones are, with their tasks, and the loss is told.
func TestTimelineKeepsTheLast(t *testing.T) {
	const n, keep = 5000, 100
	src := newStream(n, 10, 2)
	run, err := Build(src, Options{KeepTasks: -1, Timeline: &TimelineOptions{MaxSteps: keep}})
	if err != nil {
		t.Fatal(err)
	}
	tl := run.Timeline
	if len(tl.Steps) != keep || tl.Dropped != 2*n-keep || tl.FromNS != tl.Steps[0].BeginNS {
		t.Fatalf("%d steps, %d dropped, from %d (the first is at %d)", len(tl.Steps), tl.Dropped, tl.FromNS, tl.Steps[0].BeginNS)
	}
	for _, s := range tl.Steps {
		if s.Task == nil || s.Task.ID <= n-keep {
			t.Fatalf("a step of %v", s.Task)
		}
	}
	if len(run.Tasks) > keep+10 {
		t.Errorf("%d tasks kept", len(run.Tasks))
	}
}

// A wake-up is by the task whose step is open on the thread, else by a callback; one of a task that has ended is none.
func TestTimelineWakes(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	site := tr.site("job", "app.py:5:main:spawn()")
	for id := range 3 {
		tr.spawn(tracefile.TaskID(id+1), site)
	}
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.TaskWoken, 2)
	tr.hot(tracefile.CallbackBegun, 0)
	tr.hot(tracefile.TaskWoken, 3)
	tr.hot(tracefile.StepBegun, 2)
	tr.add(tracefile.Event{Kind: tracefile.TaskEnded, Task: 2, Number: tracefile.OutcomeReturned})
	tr.hot(tracefile.TaskWoken, 2)
	run := tr.build(t, Options{Timeline: &TimelineOptions{}})
	var got []string
	for _, w := range run.Timeline.Wakes {
		got = append(got, fmt.Sprint(w.Task.ID, " by ", w.By != nil && w.By.ID == 1))
	}
	if fmt.Sprint(got) != "[2 by true 3 by false]" {
		t.Error(got)
	}
	if w := run.Tasks[1].LastWake; w == nil || w.By != run.Tasks[0] || w.TimeNS != run.Timeline.Wakes[0].TimeNS || w.Forgotten {
		t.Errorf("%+v", w)
	}
	if w := run.Tasks[2].LastWake; w == nil || w.By != nil || w.Forgotten || run.Tasks[0].LastWake != nil {
		t.Errorf("%+v", w)
	}
}

// Who woke a task is not kept for that, and then said to be forgotten.
func TestWakersAreForgotten(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.spawn(1, site)
	tr.spawn(2, site)
	tr.hot(tracefile.StepBegun, 2)
	tr.hot(tracefile.TaskWoken, 1)
	tr.add(tracefile.Event{Kind: tracefile.TaskEnded, Task: 2, Number: tracefile.OutcomeReturned})
	run := tr.build(t, Options{KeepTasks: -1})
	if len(run.Tasks) != 1 {
		t.Fatalf("%d tasks kept", len(run.Tasks))
	}
	if w := run.Tasks[0].LastWake; w == nil || w.By != nil || !w.Forgotten {
		t.Errorf("%+v", w)
	}
}

// A step that had not ended is there, without an end.
func TestTimelineOpenStep(t *testing.T) {
	for _, of := range []string{"task", "callback"} {
		t.Run(of, func(t *testing.T) {
			tr := newTrace()
			tr.open("run_forever")
			tr.spawn(1, tr.site("job", "app.py:5:main:spawn()"))
			if of == "task" {
				tr.hot(tracefile.StepBegun, 1)
			} else {
				tr.hot(tracefile.CallbackBegun, 0)
			}
			run := tr.build(t, Options{Timeline: &TimelineOptions{}})
			if got := fmt.Sprint(len(run.Timeline.Steps), run.Timeline.Steps[0].EndNS, run.Timeline.Steps[0].Task != nil); got != fmt.Sprint(1, 0, of == "task") {
				t.Error(got)
			}
		})
	}
}
