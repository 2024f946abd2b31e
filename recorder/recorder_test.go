package recorder_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder"
)

// All methods of nil receivers do what the program asks and nothing else.
func TestNil(t *testing.T) {
	var r *recorder.Recorder
	l := r.Loop("loop")
	if l != nil || r.Close() != nil {
		t.Fatal("a nil Recorder has a loop")
	}
	l.Run()
	l.Stop()
	ctx, task := l.Task(context.Background(), "task")
	if ctx != context.Background() || task != nil {
		t.Error("a nil Loop makes a task, or another context")
	}
	task.Start()
	task.Wait("reply")
	task.Cancel(nil)
	task.Done(nil)
	if task.ID() != 0 || l.Close() != nil || l.Live() != nil {
		t.Error("a nil Loop has live tasks")
	}
	done := make(chan context.Context, 1)
	l.Go(context.Background(), "go", func(ctx context.Context) { done <- ctx })
	if <-done != context.Background() {
		t.Error("Go changed the context")
	}
	n := 0
	l.Func(context.Background(), "func", func() { n++ })()
	boom := errors.New("boom")
	if err := l.FuncErr(context.Background(), "func", func() error { n++; return boom })(); err != boom {
		t.Error(err)
	}
	recorder.Arg(l, context.Background(), "arg", func(i int) { n += i })(3)
	if n != 5 {
		t.Errorf("functions did %d, want 5", n)
	}
	recorder.Verify(t, l)
}

func TestNilCostsNothing(t *testing.T) {
	var l *recorder.Loop
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() {
		_, task := l.Task(ctx, "task")
		task.Start()
		task.Wait("reply")
		task.Done(nil)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Steps do not allocate either, once it is known where they are.
func TestStepsDoNotAllocate(t *testing.T) {
	r, _ := open(t)
	_, task := r.Loop("loop").Task(context.Background(), "task")
	if n := testing.AllocsPerRun(1000, func() {
		task.Start()
		task.Wait("reply")
	}); n != 0 {
		t.Errorf("%v allocations a step, want none", n)
	}
}

func TestTaskIsRecorded(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("mailer")
	ctx, parent := l.Task(context.Background(), "parent")
	parent.Start()
	_, child := l.Task(ctx, "child")
	child.Start()
	child.Wait("reply")
	child.Cancel(nil)
	child.Start()
	child.Done(fmt.Errorf("secret: %w", context.Canceled))
	parent.Done(fmt.Errorf("secret: %w", os.ErrNotExist))

	run := facts(t, dir)
	p := run.Processes[0]
	if !p.Go() || p.Recorder != "go" || p.PID != os.Getpid() || p.Runtime != strings.Fields(runtime.Version())[0] {
		t.Errorf("the process is %+v", p)
	}
	if got := run.Loops[0]; got.Class != "mailer" || got.At == nil || filepath.Base(got.At.File) != "recorder_test.go" {
		t.Errorf("the loop is %+v", got)
	}
	if len(run.Tasks) != 2 {
		t.Fatalf("%d tasks, want 2", len(run.Tasks))
	}
	a, b := run.Tasks[0], run.Tasks[1]
	if a.Name != "parent" || a.Outcome != "raised" || a.Exception == nil || a.Exception.Type != "*fmt.wrapError" || a.Steps != 1 {
		t.Errorf("the parent is %+v", a)
	}
	if b.Name != "child" || b.Parent != a || b.Outcome != "cancelled" || b.Steps != 2 || len(b.Cancels) != 1 || !b.BirthSeen {
		t.Errorf("the child is %+v", b)
	}
	if at := b.Site.At; at == nil || at.Function != "recorder_test.TestTaskIsRecorded" || b.Site.Coro != "child" {
		t.Errorf("the child was made at %+v for %q", at, b.Site.Coro)
	}
	if all := text(t, dir); strings.Contains(all, "secret") {
		t.Error("the text of an error is in the recording")
	}
}

// The creation stack begins at the program's line, whichever function made the task, and nothing that is inlined is lost.
func TestCreationStacks(t *testing.T) {
	r, dir := open(t, recorder.Depth(3))
	l := r.Loop("loop")
	mine := func(ctx context.Context) { _, _ = l.Task(ctx, "a") }
	for range 2 {
		outer(func() { mine(context.Background()) })
		outer(func() { l.Func(context.Background(), "b", func() {}) })
		outer(func() { _ = l.FuncErr(context.Background(), "c", func() error { return nil }) })
		outer(func() { _ = recorder.Arg(l, context.Background(), "d", func(int) {}) })
		outer(func() { l.Go(context.Background(), "e", func(context.Context) { select {} }) })
	}
	run := facts(t, dir)
	if len(run.Tasks) != 10 {
		t.Fatalf("%d tasks, want 10", len(run.Tasks))
	}
	for i, task := range run.Tasks {
		var names []string
		for _, f := range task.Site.Stack {
			names = append(names, strings.TrimPrefix(f.Function, "recorder_test."))
		}
		want := "TestCreationStacks.func%d middle outer"
		if task.Name == "a" {
			want = "TestCreationStacks.func1 TestCreationStacks.func%d middle"
		}
		want = fmt.Sprintf(want, 2+i%5)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("task %s was made in %s, want %s", task.Name, got, want)
		}
	}
	if n := len(events(t, dir, "loop_opened")); n != 1 {
		t.Errorf("%d loops, want 1", n)
	}
}

func outer(f func()) { middle(f) } // both are inlined

func middle(f func()) { f() }

func TestFilesArePrivate(t *testing.T) {
	r, dir := open(t)
	r.Loop("loop")
	list := files(t, dir, "*")
	if len(list) != 2 {
		t.Fatalf("files are %v, want one of facts and one of slots", list)
	}
	for _, f := range list {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v), want 0600", f, info.Mode(), err)
		}
	}
}

func TestOpenFails(t *testing.T) {
	if _, err := recorder.Open(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("there is no such directory, and no error")
	}
	t.Setenv("LOOPTRACE_SPOOL", filepath.Join(t.TempDir(), "missing"))
	if r := recorder.FromEnv(); r != nil {
		t.Error("FromEnv made a Recorder without a directory")
	}
	t.Setenv("LOOPTRACE_SPOOL", "")
	if r := recorder.FromEnv(); r != nil {
		t.Error("FromEnv made a Recorder without the variable")
	}
}

// A library and the program share one Recorder, so that they are one process in the recording.
func TestFromEnvIsShared(t *testing.T) {
	onLinux(t)
	dir := t.TempDir()
	t.Setenv("LOOPTRACE_SPOOL", dir)
	a, b := recorder.FromEnv(), recorder.FromEnv()
	if a == nil {
		t.Fatal("there is no Recorder")
	}
	t.Cleanup(func() { _ = a.Close() })
	if a != b || len(files(t, dir, "*.facts")) != 1 {
		t.Error("two calls of FromEnv made two Recorders")
	}
}

// After the end nothing is written, and nothing fails.
func TestUseAfterEnd(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	_, open := l.Task(context.Background(), "open")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	before := text(t, dir)
	open.Start()
	l.Run()
	l.Go(context.Background(), "late", func(context.Context) {})
	_, late := r.Loop("late").Task(context.Background(), "late")
	late.Cancel(nil)
	late.Done(errors.New("late"))
	if len(l.Close()) == 0 || r.Close() != nil {
		t.Error("the loop forgot its task")
	}
	if text(t, dir) != before {
		t.Error("something was recorded after the end")
	}
	exit := facts(t, dir).Processes[0].Exit
	if !exit.Observed || !exit.LiveExact || len(exit.Live) != 1 || exit.Live[0].State != "not-started" {
		t.Errorf("the end is %+v", exit)
	}
}

func TestManySegments(t *testing.T) {
	r, dir := open(t)
	_, task := r.Loop("loop").Task(context.Background(), "task")
	const steps = 200_000
	for range steps {
		task.Start()
		task.Wait("reply")
	}
	if n := len(files(t, dir, "*.slots")); n < 3 {
		t.Errorf("%d segments, want more", n)
	}
	if got := facts(t, dir).Tasks[0].Steps; got != steps {
		t.Errorf("%d steps, want %d", got, steps)
	}
}

// Where no segment can be made, which is a full disk, the program goes on and the recording says that it stopped.
func TestDiskFull(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	slots := files(t, dir, "*.0.slots")
	if err := os.WriteFile(strings.Replace(slots[0], ".0.slots", ".1.slots", 1), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, task := l.Task(context.Background(), "task")
	for range 10_000 {
		task.Start()
		task.Wait("reply")
	}
	if got := len(l.Close()); got != 1 {
		t.Errorf("%d tasks are live, want 1", got)
	}
	p := facts1(t, dir)
	if p.LostNS == 0 {
		t.Error("the recording does not say that it stopped")
	}
	if notes := events(t, dir, "note_added"); len(notes) != 1 || !strings.Contains(notes[0], "stopped=1") {
		t.Errorf("notes are %v, want one", notes)
	}
	if len(p.Loops[0].Closes) != 1 {
		t.Error("the close is missing: facts go on")
	}
}

// A context that is nil, which callers should not have, is as good as none.
func TestNilContext(t *testing.T) {
	r, _ := open(t)
	l := r.Loop("loop")
	var none context.Context
	ctx, task := l.Task(none, "task")
	if ctx == nil || task.ID() != 1 {
		t.Error("the task has no context")
	}
	l.Func(none, "func", func() {})()
	done := make(chan context.Context, 1)
	l.Go(none, "go", func(ctx context.Context) { done <- ctx })
	if <-done == nil {
		t.Error("the function got no context")
	}
}

// However many places there are to wait in, each wait is told with its own.
func TestManyReasons(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	const n = 600
	for i := range n {
		_, task := l.Task(context.Background(), "task")
		task.Start()
		task.Wait(fmt.Sprintf("reason-%d", i))
	}
	for i, task := range facts(t, dir).Tasks {
		if task.LastSeen == nil || task.LastSeen.On.Kind != fmt.Sprintf("reason-%d", i) {
			t.Fatalf("task %d waits on %+v", i, task.LastSeen)
		}
	}
}

// A server whose reasons are no constant words does not fill the memory with them: beyond a bound it is not known where and on
// what its tasks wait.
func TestTooManyReasons(t *testing.T) {
	r, dir := open(t)
	_, task := r.Loop("loop").Task(context.Background(), "task")
	for i := range 1<<15 + 10 {
		task.Wait(fmt.Sprintf("reason-%d", i))
	}
	run := facts(t, dir)
	if live := run.Processes[0].Exit.Live; len(live) != 1 || live[0].State != "suspended" || live[0].On.Kind != "none" || len(live[0].Awaiting) != 0 {
		t.Errorf("the task is %+v", live)
	}
}
