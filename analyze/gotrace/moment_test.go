package gotrace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
)

// ofProgram lists goroutines that are not the runtime's: name, state, what they wait for and where.
func programs(live []*analyze.Live) []string {
	var out []string
	for _, l := range live {
		if strings.HasPrefix(l.Task.Site.Coro, "runtime") {
			continue
		}
		s := l.Task.Name + " " + l.State + " " + l.On.Kind
		if l.At != nil {
			s += fmt.Sprintf(" at %d", l.At.Line)
		}
		if l.Task.Site.Coro != "" {
			s += " in " + l.Task.Site.Coro
		}
		out = append(out, s)
	}
	return out
}

// A function that closes something is found by any form of its name, once for each time that it is called, with what was live
// when it was first seen.
func TestCloseFuncs(t *testing.T) {
	for _, pattern := range []string{"main.(*Pool[...]).Close", "main.(*Pool).Close", "(*Pool).Close", "*.Close"} {
		run := build(t, recorded("closes.trace"), Options{CloseFuncs: []string{pattern}})
		if n := len(run.Closes); n != 3 {
			t.Fatalf("%s: %d closes", pattern, n)
		}
		first, second := run.Closes[0], run.Closes[1]
		if first.Function != "main.(*Pool[...]).Close" || first.Outcome != "seen" || first.Task.Name != "goroutine 1" {
			t.Errorf("%s: %s %s by %s", pattern, first.Function, first.Outcome, first.Task.Name)
		}
		want := []string{
			"goroutine 1 running none at 36 in main.main",
			"goroutine 8 suspended select at 23 in main.(*Pool[...]).work",
			"goroutine 9 suspended select at 23 in main.(*Pool[...]).work",
			"goroutine 10 suspended chan-receive at 32 in main.(*Pool[...]).stuck",
		}
		if diff := cmp.Diff(want, programs(first.Live)); diff != "" {
			t.Errorf("%s: first close:\n%s", pattern, diff)
		}
		want = []string{
			"goroutine 1 running none at 36 in main.main",
			"goroutine 10 suspended chan-receive at 32 in main.(*Pool[...]).stuck",
			"goroutine 11 suspended select at 23 in main.(*Pool[...]).work",
			"goroutine 12 suspended select at 23 in main.(*Pool[...]).work",
			"goroutine 13 suspended chan-receive at 32 in main.(*Pool[...]).stuck",
		}
		if diff := cmp.Diff(want, programs(second.Live)); diff != "" {
			t.Errorf("%s: second close:\n%s", pattern, diff)
		}
		for _, l := range second.Live {
			if l.Task.Name == "goroutine 10" && (l.SinceLeast || l.SinceNS == 0 || l.SinceNS > first.TimeNS) {
				t.Errorf("goroutine 10 is suspended since %d, at least: %v", l.SinceNS, l.SinceLeast)
			}
		}
	}
}

// What leaves nothing in the trace is said not to have been seen.
func TestCloseFuncNotSeen(t *testing.T) {
	run := build(t, recorded("closes.trace"), Options{CloseFuncs: []string{"(*Pool).quiet", "(*Pool).Close"}})
	if notes := strings.Join(run.Health.Notes, "\n"); !strings.Contains(notes, "(*Pool).quiet was not seen on any stack") || strings.Contains(notes, "(*Pool).Close was") {
		t.Errorf("notes: %s", notes)
	}
}

func TestAt(t *testing.T) {
	run := build(t, recorded("closes.trace"), Options{At: []int64{60e6, 10e6, 5e9}})
	if n := len(run.Processes[0].Snapshots); n != 2 {
		t.Fatalf("%d snapshots", n)
	}
	early, late := run.Processes[0].Snapshots[0], run.Processes[0].Snapshots[1]
	if early.TimeNS != 10e6 || late.TimeNS != 60e6 || early.Why != "at" {
		t.Errorf("times %d, %d, why %s", early.TimeNS, late.TimeNS, early.Why)
	}
	names := func(live []*analyze.Live) []string {
		var out []string
		for _, l := range live {
			if strings.HasPrefix(l.Task.Site.Coro, "main.") {
				out = append(out, strings.TrimPrefix(l.Task.Name, "goroutine "))
			}
		}
		return out
	}
	if got := names(early.Live); !slices.Equal(got, []string{"1", "8", "9", "10"}) {
		t.Errorf("live at 10 ms: %v", got)
	}
	if got := names(late.Live); !slices.Equal(got, []string{"1", "10", "11", "12", "13"}) {
		t.Errorf("live at 60 ms: %v", got)
	}
	if notes := strings.Join(run.Health.Notes, "\n"); !strings.Contains(notes, "the moment 5.000000 s is after the end of the trace") {
		t.Errorf("notes: %s", notes)
	}
}

// A moment in the first generation lists goroutines of which the trace tells at the end of the generation only.
func TestAtBeforeTheTraceTells(t *testing.T) {
	run := build(t, recorded("late-go1.26.trace"), Options{At: []int64{1}})
	live := run.Processes[0].Snapshots[0].Live
	waiting := 0
	for _, l := range live {
		if l.At != nil && l.SinceLeast {
			waiting++
		}
	}
	if waiting != 16 {
		t.Errorf("%d of 16 goroutines of the program are told to wait: %v", waiting, programs(live))
	}
}

// The loop and the tasks that a recorder told the trace of are those of the run.
func TestMirror(t *testing.T) {
	run := build(t, recorded("closes.trace"), Options{})
	i := slices.IndexFunc(run.Loops, func(l *analyze.Loop) bool { return l.Class == "mailer" })
	if i < 0 {
		t.Fatal("no loop")
	}
	l := run.Loops[i]
	if len(l.Runs) != 1 || l.Runs[0].EndNS == 0 || len(l.Closes) != 1 || l.ClosedBy == nil {
		t.Fatalf("loop %+v", l)
	}
	if diff := cmp.Diff([]string{"mail-3 suspended forever at 73 in mail-3"}, programs(l.ClosedBy.Live)); diff != "" {
		t.Error(diff)
	}
	if at := l.ClosedBy.At; at == nil || at.Function != "main.mirror.func1" { // the closure of the program that logs
		t.Errorf("closed at %v", at)
	}
	got := map[string]string{}
	for _, task := range run.Tasks {
		if task.Loop == l {
			got[task.Name] = task.Outcome
		}
	}
	if diff := cmp.Diff(map[string]string{"mail-1": "returned", "mail-2": "raised", "mail-3": "pending"}, got); diff != "" {
		t.Error(diff)
	}
	for _, l := range run.Loops {
		if l.Class == "user tasks" {
			t.Error("tasks of a recorder are told of as user tasks")
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, function string
		want              bool
	}{
		{"net/http.(*Server).Shutdown", "net/http.(*Server).Shutdown", true},
		{"http.(*Server).Shutdown", "net/http.(*Server).Shutdown", true},
		{"(*Server).Shutdown", "net/http.(*Server).Shutdown", true},
		{"*.Shutdown", "net/http.(*Server).Shutdown", true},
		{"*.Shutdown", "example.com/app.Shutdown", true},
		{"app.Shutdown", "example.com/app.Shutdown", true},
		{"Shutdown", "example.com/app.Shutdown", false},
		{"*.Shutdown", "net/http.(*Server).Shutdown.func1", false},
		{"*.Shut", "net/http.(*Server).Shutdown", false},
		{"*.", "net/http.(*Server).Shutdown", false},
		{"(*Pool).Close", "main.(*Pool[...]).Close", true},
		{"(*Pool[...]).Close", "main.(*Pool[...]).Close", true},
		{"(*Pool).Close", "main.(*BigPool).Close", false},
		{"yaml.v3.Close", "gopkg.in/yaml%2ev3.Close", true},
		{"*.Close", "gopkg.in/yaml%2ev3.Close", true},
		{"", "main.main", false},
	} {
		if got := matches(c.pattern, c.function); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.function, got)
		}
	}
}
