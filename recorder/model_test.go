package recorder_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// modelTask is what has to be read of a task.
type modelTask struct {
	ctx           context.Context
	task          *recorder.Task
	loop          int
	name, parent  string // of the task: a reader counts tasks that are made at once in an order of its own
	state, reason string
	outcome       string
	failure       string
	steps         int
	cancels       int
}

type call struct{ what, task, arg int }

// errModel is a type of error of its own.
type errModel struct{}

func (errModel) Error() string { return "secret" }

// script is the calls of one goroutine, and what they have to come to. The tasks are its own; loops are shared.
type script struct {
	calls []call
	tasks []*modelTask
	base  *modelTask // of another goroutine, the parent of some
	name  string
}

func (s *script) run(loops []*recorder.Loop) {
	for _, c := range s.calls {
		if c.what < 3 || len(s.tasks) == 0 {
			s.spawn(loops, c)
			continue
		}
		s.tasks[c.task%len(s.tasks)].do(c)
	}
}

func (s *script) spawn(loops []*recorder.Loop, c call) {
	m := &modelTask{loop: c.arg % len(loops), name: fmt.Sprint(s.name, len(s.tasks)), state: "not-started", outcome: "pending"}
	ctx := context.Background()
	if c.what == 1 {
		ctx, m.parent = s.base.ctx, s.base.name
	} else if c.what == 2 && len(s.tasks) > 0 {
		p := s.tasks[c.task%len(s.tasks)]
		ctx, m.parent = p.ctx, p.name
	}
	m.ctx, m.task = loops[m.loop].Task(ctx, m.name)
	s.tasks = append(s.tasks, m)
}

// outcomes are how tasks end.
var outcomes = []struct {
	err           error
	word, failure string
}{
	{nil, "returned", ""},
	{context.Canceled, "cancelled", ""},
	{fmt.Errorf("secret: %w", context.DeadlineExceeded), "cancelled", ""},
	{errModel{}, "raised", "recorder_test.errModel"},
}

func (m *modelTask) do(c call) {
	ended := m.outcome != "pending"
	switch c.what {
	case 3, 4, 5:
		m.task.Start()
		if !ended {
			m.steps++
			m.state = "running"
		}
	case 6, 7, 8:
		reason := []string{"timer", "reply", "a b\n", strings.Repeat("ü", 100)}[c.arg%4]
		m.task.Wait(reason)
		if !ended {
			m.state, m.reason = "suspended", reason
		}
	case 9:
		o := outcomes[c.arg%len(outcomes)]
		m.task.Done(o.err)
		if !ended {
			m.outcome, m.failure = o.word, o.failure
		}
	case 10:
		m.task.Cancel(errModel{})
		if !ended {
			m.cancels++
		}
	}
}

// What is read of a recording is what was done, however goroutines overtake each other.
func TestModel(t *testing.T) {
	onLinux(t)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "model")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		r, err := recorder.Open(dir, recorder.Depth(rapid.IntRange(0, 16).Draw(t, "depth")))
		if err != nil {
			t.Fatal(err)
		}
		var loops []*recorder.Loop
		for i := range rapid.IntRange(1, 3).Draw(t, "loops") {
			loops = append(loops, r.Loop(fmt.Sprint("loop ", i)))
		}
		scripts := drawScripts(t, loops)
		var wg sync.WaitGroup
		for _, s := range scripts {
			wg.Go(func() { s.run(loops) })
		}
		wg.Wait()
		closed := rapid.Bool().Draw(t, "closed")
		var live [][]recorder.TaskInfo
		if closed {
			for _, l := range loops {
				live = append(live, l.Close())
			}
		}
		if rapid.Bool().Draw(t, "ended") {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, dir, scripts, live)
	})
}

func drawScripts(t *rapid.T, loops []*recorder.Loop) []*script {
	base := &modelTask{name: "base", state: "not-started", outcome: "pending"}
	base.ctx, base.task = loops[0].Task(context.Background(), "base")
	scripts := []*script{{tasks: []*modelTask{base}, base: base}}
	number := rapid.IntRange(0, 200)
	for i := range rapid.IntRange(1, 4).Draw(t, "goroutines") {
		s := &script{base: base, name: fmt.Sprint("task ", i, ".")}
		for range rapid.IntRange(0, 80).Draw(t, "calls") {
			s.calls = append(s.calls, call{rapid.IntRange(0, 10).Draw(t, "what"), number.Draw(t, "task"), number.Draw(t, "arg")})
		}
		scripts = append(scripts, s)
	}
	return scripts
}

// compare compares a recording with what the scripts did, and with what the closes returned.
func compare(t *rapid.T, dir string, scripts []*script, closes [][]recorder.TaskInfo) {
	src, err := tracefile.OpenSpool(dir, tracefile.SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	run, err := analyze.Build(src, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := run.Processes[0]
	byName := map[string]*analyze.Task{}
	for _, task := range run.Tasks {
		byName[task.Name] = task
	}
	live := map[int][]string{}
	count := 0
	for _, s := range scripts {
		for _, m := range s.tasks {
			count++
			compareTask(t, byName[m.name], m)
			if m.outcome == "pending" {
				live[m.loop] = append(live[m.loop], standing(m.name, m.state, m.reason))
			}
		}
	}
	if len(run.Tasks) != count {
		t.Errorf("%d tasks are read, %d were made", len(run.Tasks), count)
	}
	for i, infos := range closes {
		var told, read []string
		for _, info := range infos {
			told = append(told, standing(info.Name, info.State, info.Reason))
		}
		if n := len(p.Loops[i].Closes); n != 1 {
			t.Fatalf("loop %d has %d closes", i, n)
		}
		for _, l := range p.Loops[i].Closes[0].Live {
			read = append(read, standing(l.Task.Name, l.State, l.On.Kind))
		}
		want := live[i]
		slices.Sort(want)
		slices.Sort(told)
		slices.Sort(read)
		if !slices.Equal(told, want) || !slices.Equal(read, want) {
			t.Errorf("live at the close were %q, returned %q, read %q", want, told, read)
		}
	}
}

func standing(name, state, on string) string {
	if state != "suspended" {
		on = ""
	}
	return name + " " + state + " " + on
}

func compareTask(t *rapid.T, got *analyze.Task, m *modelTask) {
	if got == nil {
		t.Fatalf("%s is missing", m.name)
	}
	parent := ""
	if got.Parent != nil {
		parent = got.Parent.Name
	}
	failure := ""
	if got.Exception != nil {
		failure = got.Exception.Type
	}
	read := fmt.Sprint(got.Name, " parent ", parent, " ", got.Outcome, " ", failure, " steps ", got.Steps, " cancels ", len(got.Cancels), got.Loop.ID)
	want := fmt.Sprint(m.name, " parent ", m.parent, " ", m.outcome, " ", m.failure, " steps ", m.steps, " cancels ", m.cancels, m.loop+1)
	if read != want {
		t.Errorf("it is read: %s, want %s", read, want)
	}
}
