package examples

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// truth is what is true of a program, in truth.json beside its main.go: written by hand, before anybody looked at a report.
// A place is "main.go:MARKER": the line of main.go that ends with "// MARKER". No place is one outside of main.go.
type truth struct {
	dir     string
	markers map[string]string // by "main.go:LINE"

	Loop       string          `json:"loop"`  // that is closed while tasks are live
	Close      string          `json:"close"` // where
	Tasks      []truthTask     `json:"tasks"` // live then
	Goroutines []truthBlocking `json:"goroutines"`
}

// truthTask is a live task of the program's recorder.
type truthTask struct{ Name, Created, State, Waits, Reason, Parent string }

// truthBlocking is a goroutine that is left at the end.
// Known is the name under which it is folded, as it is no leak by itself: a finding on what keeps it is enough.
// Task is what it runs: the finding on that tells of it.
type truthBlocking struct{ Start, Created, Waits, On, Known, Task string }

// String is what the task is compared by.
func (t truthTask) String() string {
	return fmt.Sprintf("task %q made at %q by %q is %s at %q for %q", t.Name, t.Created, t.Parent, t.State, t.Waits, t.Reason)
}

// String is what the goroutine is compared by.
func (g truthBlocking) String() string {
	return fmt.Sprintf("goroutine of %s made at %q waits at %q for %q", g.Start, g.Created, g.Waits, g.On)
}

func readTruth(t *testing.T, dir string) *truth {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	w := &truth{dir: dir, markers: map[string]string{}}
	if err := json.Unmarshal(text, w); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	program, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	marker := regexp.MustCompile(`\S.* // ([a-z ]+)$`)
	for i, line := range strings.Split(string(program), "\n") {
		if m := marker.FindStringSubmatch(line); m != nil {
			w.markers[fmt.Sprintf("main.go:%d", i+1)] = "main.go:" + m[1]
		}
	}
	return w
}

// place returns the first of some frames that is in the program itself.
func (w *truth) place(frames []frame) string {
	for _, f := range frames {
		if filepath.Dir(f.File) != w.dir {
			continue
		}
		line := fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		if m, ok := w.markers[line]; ok {
			return m
		}
		return line
	}
	return ""
}

// report is the part of the JSON report that is judged.
type report struct {
	Processes []struct {
		ID   int
		Exit struct{ Live []live }
	}
	Loops []struct {
		ID    int
		Class string
	}
	Closes []struct {
		Loop  *int
		Stack []frame
		Live  []live
	}
	Tasks    []*task
	Findings []struct {
		Rule, Message string
		Tasks, Tests  []int
	}
	Tests  []struct{ Name string }
	Health struct{ Notes []string }
}

type task struct {
	ID            int
	Loop, Parent  *int
	Name, Coro    string
	CreationStack []frame `json:"creation_stack"`
}

type live struct {
	Task     int
	State    string
	Awaiting []frame
	On       struct{ Kind string }
}

type frame struct {
	File string
	Line int
}

// judge compares a report with the truth.
type judge struct {
	*testing.T
	*truth
	told report
}

func (j *judge) task(id int) *task {
	for _, t := range j.told.Tasks {
		if t.ID == id {
			return t
		}
	}
	j.Fatalf("no task %d", id)
	return nil
}

func (j *judge) class(t *task) string {
	for _, l := range j.told.Loops {
		if t.Loop != nil && l.ID == *t.Loop {
			return l.Class
		}
	}
	return ""
}

// tasks judges what is said of the loop that the program records.
func (j *judge) tasks() {
	for _, c := range j.told.Closes {
		if c.Loop == nil || j.Loop == "" || len(c.Live) == 0 {
			continue
		}
		if got := j.place(c.Stack); got != j.Close {
			j.Errorf("the loop is closed at %q, not at %q", j.Close, got)
		}
	}
	var want []string
	for _, t := range j.Tasks {
		want = append(want, t.String())
	}
	j.same("live tasks in findings", j.found(func(t *task, l live) string {
		if class := j.class(t); class == "goroutines" || class == "user tasks" {
			return ""
		}
		parent := ""
		if t.Parent != nil {
			parent = j.task(*t.Parent).Name
		}
		return truthTask{t.Name, j.place(t.CreationStack), l.State, j.place(backwards(l.Awaiting)), strings.TrimPrefix(l.On.Kind, "none"), parent}.String()
	}), want)
}

// goroutines judges what is said of goroutines.
func (j *judge) goroutines() {
	var want []string
	for _, g := range j.Goroutines {
		if g.Task != "" {
			continue
		}
		if g.Known == "" {
			want = append(want, g.String())
		} else if !strings.Contains(strings.Join(j.told.Health.Notes, "\n"), g.Known) {
			j.Errorf("no word on %s: %q", g.Known, j.told.Health.Notes)
		}
	}
	j.same("goroutines in findings", j.found(func(t *task, l live) string {
		if j.class(t) != "goroutines" {
			return ""
		}
		return truthBlocking{Start: t.Coro, Created: j.place(t.CreationStack), Waits: j.place(backwards(l.Awaiting)), On: l.On.Kind}.String()
	}), want)
}

// found describes the tasks that findings are about.
func (j *judge) found(describe func(*task, live) string) []string {
	lives := map[int]live{}
	for _, p := range j.told.Processes {
		for _, l := range p.Exit.Live {
			lives[l.Task] = l
		}
	}
	for _, c := range j.told.Closes {
		for _, l := range c.Live {
			lives[l.Task] = l
		}
	}
	seen := map[int]bool{}
	var got []string
	for _, f := range j.told.Findings {
		for _, id := range f.Tasks {
			if seen[id] {
				continue
			}
			seen[id] = true
			if s := describe(j.task(id), lives[id]); s != "" {
				got = append(got, s)
			}
		}
	}
	return got
}

func (j *judge) same(what string, got, want []string) {
	j.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	j.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	for _, f := range j.told.Findings {
		j.Logf("%s: %s", f.Rule, f.Message)
	}
	j.Log(j.told.Health.Notes)
}

func backwards(frames []frame) []frame {
	out := slices.Clone(frames)
	slices.Reverse(out)
	return out
}
