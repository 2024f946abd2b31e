package analyze

import (
	"reflect"
	"testing"
)

// checkRun checks what holds for the facts of every run: each task and loop that anything refers to is listed, and ids
// are unique and in order.
func checkRun(t testing.TB, run *Run) {
	t.Helper()
	w := walker{t: t, seen: map[any]bool{}, tasks: map[*Task]bool{}, loops: map[*Loop]bool{}, sites: map[*Site]bool{}}
	for i, task := range run.Tasks {
		w.tasks[task] = true
		if i > 0 && run.Tasks[i-1].ID >= task.ID {
			t.Errorf("task ids %d, %d are not in order", run.Tasks[i-1].ID, task.ID)
		}
		if task.Outcome == "" || task.Site == nil || task.Process == nil {
			t.Errorf("task %d was never settled: %+v", task.ID, task)
		}
		if ended := task.Outcome != "pending" && task.Outcome != "collected"; ended != (task.EndedNS != 0) {
			t.Errorf("task %d: outcome %s, ended at %d", task.ID, task.Outcome, task.EndedNS)
		}
	}
	for _, l := range run.Loops {
		w.loops[l] = true
	}
	for _, sc := range run.Folded {
		w.sites[sc.Site] = true
	}
	w.walk(reflect.ValueOf(run))
	for i, c := range run.Closes {
		if c.Index != i || i > 0 && run.Closes[i-1].TimeNS > c.TimeNS {
			t.Errorf("close %d has index %d at %d", i, c.Index, c.TimeNS)
		}
	}
}

// walker follows every pointer of a run.
type walker struct {
	t     testing.TB
	seen  map[any]bool
	tasks map[*Task]bool
	loops map[*Loop]bool
	sites map[*Site]bool
}

func (w *walker) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || w.seen[v.Interface()] {
			return
		}
		w.seen[v.Interface()] = true
		w.listed(v.Interface())
		w.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	}
}

func (w *walker) listed(v any) {
	switch v := v.(type) {
	case *Task:
		if !w.tasks[v] {
			w.t.Errorf("task %d %q is referred to, but not listed", v.ID, v.Name)
		}
	case *Loop:
		if !w.loops[v] && v.ClosedBy == nil {
			w.t.Errorf("loop %d is referred to, but not listed", v.ID)
		}
	case *Site:
		if !w.sites[v] {
			w.t.Errorf("site of %q is referred to, but not counted", v.Coro)
		}
	}
}
