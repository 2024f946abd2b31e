package spans_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
	"github.com/looptrace/looptrace/report/internal/spans"
)

// Whatever the trace says, spans of one lane and of one task do not overlap, only the last of them is open, those of a task
// are within its life, and arrows go forward.
func TestSpansCanBeDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { check(t, spans.New(runs(t))) })
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) { check(t, spans.New(res.Run)) })
}

type failer interface {
	Fatalf(format string, args ...any)
}

func check(t failer, l *spans.Layout) {
	drawn := 0
	for _, lane := range l.Lanes {
		drawn += inOrder(t, slices.Collect(l.LaneSteps(lane)))
	}
	for _, task := range l.Run.Tasks {
		life := l.Life(task)
		parts := slices.Collect(l.Parts(task))
		inOrder(t, parts)
		for _, part := range parts {
			if part.BeginNS < life.BeginNS || life.EndNS != 0 && (part.EndNS == 0 || part.EndNS > life.EndNS) {
				t.Fatalf("task %d lives %+v, part %+v", task.ID, life, part)
			}
			if part.Step < 0 && part.Name == "" {
				t.Fatalf("task %d: %+v has no name", task.ID, part)
			}
		}
	}
	ids := map[uint64]bool{}
	for _, a := range l.Arrows {
		if ids[a.ID()] || a.ID() == 0 {
			t.Fatalf("%+v: its ID is another one's", a)
		}
		ids[a.ID()] = true
		if l.Step(int(a.From)).BeginNS > a.TimeNS {
			t.Fatalf("%+v leaves a step that had not begun", a)
		}
	}
}

// inOrder returns how many spans there are.
func inOrder(t failer, list []spans.Span) int {
	for i, s := range list {
		if s.EndNS != 0 && s.EndNS < s.BeginNS || i > 0 && list[i-1].EndNS > s.BeginNS {
			t.Fatalf("span %d of %+v", i, list)
		}
		if s.EndNS == 0 && i != len(list)-1 {
			t.Fatalf("open span %d of %+v", i, list)
		}
	}
	return len(list)
}

// runs are runs whose facts contradict each other, as those of a damaged or hostile trace may.
func runs(t *rapid.T) *analyze.Run {
	moment := rapid.Int64Range(1, 50)
	process := &analyze.Process{PID: 7}
	run := &analyze.Run{Processes: []*analyze.Process{process}, Timeline: &analyze.Timeline{}}
	for id := 1; id <= rapid.IntRange(0, 2).Draw(t, "loops"); id++ {
		run.Loops = append(run.Loops, &analyze.Loop{ID: id, Process: process})
	}
	loop := func() *analyze.Loop {
		if len(run.Loops) == 0 || rapid.Bool().Draw(t, "no loop") {
			return nil
		}
		return rapid.SampledFrom(run.Loops).Draw(t, "loop")
	}
	for id := 1; id <= rapid.IntRange(0, 4).Draw(t, "tasks"); id++ {
		task := &analyze.Task{ID: id * 2, Process: process, Loop: loop(), BirthSeen: rapid.Bool().Draw(t, "seen"), SpawnedNS: moment.Draw(t, "spawned")}
		if rapid.Bool().Draw(t, "ended") {
			task.EndedNS = moment.Draw(t, "end")
		}
		if rapid.Bool().Draw(t, "stepped") {
			task.FirstStepNS, task.Steps = moment.Draw(t, "first"), 1
		}
		if len(run.Tasks) > 0 {
			task.Parent = rapid.SampledFrom(run.Tasks).Draw(t, "parent")
			task.Cancels = []analyze.Cancel{{TimeNS: moment.Draw(t, "cancel"), By: task.Parent}}
		}
		run.Tasks = append(run.Tasks, task)
	}
	happened(t, run, loop, moment)
	return run
}

// happened makes a timeline.
func happened(t *rapid.T, run *analyze.Run, loop func() *analyze.Loop, moment *rapid.Generator[int64]) {
	tl := run.Timeline
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		var task *analyze.Task
		if len(run.Tasks) > 0 && rapid.Bool().Draw(t, "of a task") {
			task = rapid.SampledFrom(run.Tasks).Draw(t, "task")
		}
		s := analyze.Step{BeginNS: moment.Draw(t, "begin"), Task: task, Loop: loop()}
		if rapid.Bool().Draw(t, "over") {
			s.EndNS = s.BeginNS + moment.Draw(t, "took")
		}
		tl.Steps = append(tl.Steps, s)
		if task != nil {
			tl.Sightings = append(tl.Sightings, analyze.Sighting{TimeNS: moment.Draw(t, "seen at"), Task: task, On: "sleep"})
			tl.Wakes = append(tl.Wakes, analyze.Wake{TimeNS: moment.Draw(t, "woken"), Task: task, By: rapid.SampledFrom(run.Tasks).Draw(t, "by")})
		}
	}
	slices.SortStableFunc(tl.Steps, func(a, b analyze.Step) int { return cmp.Compare(a.BeginNS, b.BeginNS) })
	slices.SortStableFunc(tl.Sightings, func(a, b analyze.Sighting) int { return cmp.Compare(a.TimeNS, b.TimeNS) })
	slices.SortStableFunc(tl.Wakes, func(a, b analyze.Wake) int { return cmp.Compare(a.TimeNS, b.TimeNS) })
}

// A suspension is called what was seen of it.
func TestWaitsAreNamed(t *testing.T) {
	at := &analyze.Frame{File: "/app/a.py", Line: 8, Function: "work", User: true}
	process := &analyze.Process{PID: 7}
	task := &analyze.Task{ID: 1, Process: process, BirthSeen: true, SpawnedNS: 1, FirstStepNS: 5, Steps: 2, EndedNS: 40}
	run := &analyze.Run{
		Processes: []*analyze.Process{process}, Tasks: []*analyze.Task{task},
		Timeline: &analyze.Timeline{
			Steps:     []analyze.Step{{BeginNS: 5, EndNS: 10, Task: task}, {BeginNS: 20, EndNS: 30, Task: task}},
			Sightings: []analyze.Sighting{{TimeNS: 10, Task: task, At: at, On: "sleep"}},
		},
	}
	var names []string
	for part := range spans.New(run).Parts(task) {
		names = append(names, part.Name)
	}
	want := []string{"not started", "", "suspended, waits for a timer at /app/a.py:8 in work", ""}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// What is missing of a recording is told, by a mark and in the name of the run.
func TestMissing(t *testing.T) {
	p := &analyze.Process{Main: true, StartedNS: 5}
	for _, cut := range []bool{false, true} {
		l := spans.New(&analyze.Run{Processes: []*analyze.Process{p}, Health: analyze.Health{Complete: !cut, Truncated: cut}})
		marks := l.Marks(nil)
		if told := strings.Contains(l.RunName(), "the trace is cut off"); told != cut || (len(marks) == 1) != cut {
			t.Errorf("cut off %v: %q, %+v", cut, l.RunName(), marks)
		}
		if cut && marks[0].Name != "incomplete recording: the trace is cut off; 0 events read" {
			t.Error(marks[0].Name)
		}
	}
}
