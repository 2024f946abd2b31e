package recorder_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/trace"
	"slices"
	"strconv"
	"strings"
	"testing"

	xtrace "golang.org/x/exp/trace"

	"github.com/looptrace/looptrace/recorder"
)

// renumbered returns a message with loops counted in the order in which numbers has met them: their numbers are those of the
// process, and other tests open loops as well.
func renumbered(message string, numbers *[]string) string {
	words := strings.Fields(message)
	for i := range len(words) - 1 {
		if words[i] != "loop" || strings.Trim(words[i+1], "0123456789") != "" {
			continue
		}
		if !slices.Contains(*numbers, words[i+1]) {
			*numbers = append(*numbers, words[i+1])
		}
		words[i+1] = strconv.Itoa(slices.Index(*numbers, words[i+1]) + 1)
	}
	return strings.Join(words, " ")
}

// traced returns the user tasks, logs of our category and regions in an execution trace of f.
func traced(t *testing.T, f func()) (tasks, logs, regions []string) {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Skip(err) // the tests themselves are traced
	}
	f()
	trace.Stop()
	r, err := xtrace.NewReader(&buf)
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for {
		e, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			return tasks, logs, regions
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind() {
		case xtrace.EventTaskBegin:
			tasks = append(tasks, e.Task().Type)
		case xtrace.EventTaskEnd:
			tasks = append(tasks, "end "+e.Task().Type)
		case xtrace.EventLog:
			if e.Log().Category == "looptrace" {
				logs = append(logs, renumbered(e.Log().Message, &numbers))
			}
		case xtrace.EventRegionBegin:
			regions = append(regions, e.Region().Type)
		case xtrace.EventRegionEnd:
			regions = append(regions, "end "+e.Region().Type)
		}
	}
}

// Loops and tasks are in an execution trace as they are in a recording, also those of a loop that was opened before it.
func TestMirror(t *testing.T) {
	r := recorder.New()
	early := r.Loop("early")
	tasks, logs, regions := traced(t, func() {
		l := r.Loop("loop")
		l.Run()
		ctx, parent := l.Task(context.Background(), "parent")
		_ = l.FuncErr(ctx, "child", func() error { return errors.New("secret") })()
		parent.Start() // on this goroutine, and its end on another: no region
		done := make(chan bool)
		go func() { parent.Done(context.Canceled); close(done) }()
		<-done
		l.Stop()
		l.Close()
		early.Func(context.Background(), "late", func() {})()
	})
	if want := []string{"parent", "child", "end child", "end parent", "late", "end late"}; !slices.Equal(tasks, want) {
		t.Errorf("user tasks are %q, want %q", tasks, want)
	}
	want := []string{
		"loop 1 open loop", "loop 1 run", "task 1 loop 1", "task 2 loop 1", "task 2 done raised", "task 1 done cancelled", "loop 1 stop",
		"loop 1 close", "loop 1 closed", "loop 2 open early", "task 3 loop 2", "task 3 done returned",
	}
	if !slices.Equal(logs, want) {
		t.Errorf("logs are\n%q, want\n%q", logs, want)
	}
	if want := []string{"child", "end child", "late", "end late"}; !slices.Equal(regions, want) {
		t.Errorf("regions are %q, want %q", regions, want)
	}
}

// A trace that ends within a task, and one that begins within a task, are whole.
func TestMirrorAcrossTraces(t *testing.T) {
	l := recorder.New().Loop("loop")
	var inside, after *recorder.Task
	in, out := make(chan bool), make(chan bool)
	traced(t, func() {
		_, inside = l.Task(context.Background(), "inside")
		l.Go(context.Background(), "across", func(context.Context) { close(in); <-out })
		<-in
	})
	_, after = l.Task(context.Background(), "untraced")
	tasks, logs, _ := traced(t, func() {
		close(out)
		inside.Done(nil)
		after.Done(nil)
		_, again := l.Task(context.Background(), "again")
		again.Done(nil)
	})
	if !slices.Contains(logs, "loop 1 open loop") || !slices.Contains(tasks, "again") {
		t.Errorf("the second trace knows loops and tasks %q, %q", logs, tasks)
	}
}

// Loops of several Recorders, as tests make them, are told apart in a trace.
func TestMirrorOfSeveral(t *testing.T) {
	_, logs, _ := traced(t, func() {
		a, b := recorder.New().Loop("a"), recorder.New().Loop("b")
		a.Close()
		b.Close()
	})
	if want := []string{"loop 1 open a", "loop 2 open b", "loop 1 close", "loop 1 closed", "loop 2 close", "loop 2 closed"}; !slices.Equal(logs, want) {
		t.Errorf("logs are\n%q, want\n%q", logs, want)
	}
}
