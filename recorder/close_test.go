package recorder_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder"
)

func names(list []recorder.TaskInfo) string {
	var out []string
	for _, t := range list {
		s := t.Name + " " + t.State
		if t.Reason != "" {
			s += " on " + t.Reason
		}
		if len(t.Waiting) > 0 {
			s += " in " + t.Waiting[len(t.Waiting)-1].String()
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

// worker waits in a function of its own, so that tests know where.
func worker(ch chan int) { <-ch }

func reply(t *recorder.Task) { t.Wait("reply") }

func settle(t *testing.T, l *recorder.Loop, want string) {
	t.Helper()
	got := ""
	for range 500 {
		if got = names(l.Live()); got == want {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("live is %q, want %q", got, want)
}

// Close tells what is live, in which state, where it was made and where it waits; the recording says the same.
func TestClose(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("pool")
	ch := make(chan int)
	defer close(ch)
	l.Go(context.Background(), "worker", func(ctx context.Context) {
		go func() { <-ch }() // has the labels of the task, and is none
		worker(ch)
	})
	_, waiting := l.Task(context.Background(), "timer")
	waiting.Start()
	reply(waiting)
	_, _ = l.Task(context.Background(), "queued")
	_, stepping := l.Task(context.Background(), "stepping")
	stepping.Start()
	_, gone := l.Task(context.Background(), "gone")
	gone.Done(nil)
	const want = "worker suspended on chan-receive in recorder_test.TestClose.func1; timer suspended on reply in testing.tRunner; " +
		"queued not-started; stepping running"
	settle(t, l, want)
	if got := names(l.Close()); got != want {
		t.Errorf("live are %q", got)
	}

	c := facts(t, dir).Loops[0].ClosedBy
	if c == nil || c.At == nil || c.At.Function != "recorder_test.TestClose" || c.Running || c.Task != nil {
		t.Fatalf("the close is %+v", c)
	}
	var got []string
	for _, live := range c.Live {
		s := live.Task.Name + " " + live.State + " " + live.On.Kind
		if live.At != nil {
			s += " " + live.At.Function
		}
		got = append(got, s)
	}
	wanted := []string{
		"worker suspended chan-receive recorder_test.worker", "timer suspended reply recorder_test.reply",
		"queued not-started none", "stepping running none",
	}
	if !slices.Equal(got, wanted) {
		t.Errorf("recorded as live are %q, want %q", got, wanted)
	}
	if timer := c.Live[1]; timer.SinceNS == 0 || timer.SinceLeast {
		t.Error("it is not known since when the timer waits")
	}
}

func TestCloseTwice(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	_, _ = l.Task(context.Background(), "task")
	if a, b := len(l.Close()), len(l.Close()); a != 1 || b != 1 {
		t.Errorf("%d and %d tasks are live, want 1 and 1", a, b)
	}
	run := facts(t, dir)
	if len(run.Closes) != 2 || run.Closes[0].Outcome != "closed" || run.Closes[1].Outcome != "noop" || run.Loops[0].ClosedBy != run.Closes[0] {
		t.Errorf("the closes are %+v", run.Closes)
	}
}

// A closed loop runs functions all the same, and the recording says that it was asked to.
func TestUseAfterClose(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	l.Close()
	ran := make(chan bool, 1)
	l.Go(context.Background(), "late", func(context.Context) { ran <- true })
	<-ran
	l.Run()
	l.Stop()
	for range 1000 {
		l.Func(context.Background(), "later", func() {})()
	}
	uses := facts(t, dir).Processes[0].Uses
	if len(uses) != 100 {
		t.Fatalf("%d uses are recorded, want the first 100", len(uses))
	}
	if uses[0].Call != "Go" || uses[1].Call != "Run" || uses[2].Call != "Func" || uses[0].At == nil || uses[0].At.Function != "recorder_test.TestUseAfterClose" {
		t.Errorf("the first uses are %+v", uses[:3])
	}
}

// evloop is a loop on one goroutine, whose tasks are callbacks.
type evloop struct{ loop *recorder.Loop }

func (l *evloop) run(callbacks ...func()) {
	l.loop.Run()
	defer l.loop.Stop()
	for _, cb := range callbacks {
		l.call(cb)
	}
}

func (l *evloop) call(cb func()) {
	_, t := l.loop.Task(context.Background(), "callback")
	t.Start()
	cb()
	t.Done(nil)
}

// A close from a callback of the running loop names the callback; one from elsewhere does not.
func TestCloseFromWithin(t *testing.T) {
	for _, within := range []bool{true, false} {
		t.Run(fmt.Sprint(within), func(t *testing.T) {
			r, dir := open(t)
			l := &evloop{r.Loop("loop")}
			l.run(func() {
				if within {
					l.loop.Close()
					return
				}
				done := make(chan bool)
				go func() { l.loop.Close(); close(done) }()
				<-done
			})
			c := facts(t, dir).Closes[0]
			if !c.Running || (c.Task != nil) != within {
				t.Errorf("running %v, by task %v", c.Running, c.Task)
			}
		})
	}
}

// So does one from a task that has a goroutine.
func TestCloseFromTask(t *testing.T) {
	for _, within := range []bool{true, false} {
		t.Run(fmt.Sprint(within), func(t *testing.T) {
			r, dir := open(t)
			l := r.Loop("loop")
			l.Run()
			done := make(chan bool)
			l.Go(context.Background(), "closer", func(context.Context) {
				if within {
					l.Close()
				} else {
					end := make(chan bool)
					go func() {
						for range 500 { // until the task waits for this
							if live := l.Live(); live[0].State == "suspended" {
								break
							}
							time.Sleep(time.Millisecond)
						}
						l.Close()
						close(end)
					}()
					<-end
				}
				close(done)
			})
			<-done
			c := facts(t, dir).Closes[0]
			if (c.Task != nil) != within {
				t.Errorf("closed by task %v", c.Task)
			}
			if live := c.Live[0]; within && (live.State != "running" || len(live.Awaiting) != 0) || !within && live.On.Kind != "chan-receive" {
				t.Errorf("the closer is %s on %s", live.State, live.On.Kind)
			}
		})
	}
}

// Where two loops run on one line, nobody knows which of them a stack is of.
func TestCloseOfOneOfTwins(t *testing.T) {
	r, dir := open(t)
	loops := []*evloop{{r.Loop("a")}, {r.Loop("b")}}
	var both, done sync.WaitGroup
	both.Add(2)
	closed := make(chan bool)
	for i, l := range loops {
		done.Go(func() {
			l.run(func() {
				both.Done()
				both.Wait()
				if i == 0 {
					loops[1].loop.Close()
					close(closed)
				}
				<-closed
			})
		})
	}
	done.Wait()
	if c := facts(t, dir).Closes[0]; c.Task != nil {
		t.Errorf("loop b is said to be closed by its own task %d", c.Task.ID)
	}
}

func TestOutcomes(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	attempt := func(f func()) (recovered any) {
		defer func() { recovered = recover() }()
		f()
		return nil
	}
	l.Func(context.Background(), "returned", func() {})()
	_ = l.FuncErr(context.Background(), "failed", func() error { return fs(1) })()
	_ = l.FuncErr(context.Background(), "cancelled", func() error { return fmt.Errorf("x: %w", context.Canceled) })()
	_ = l.FuncErr(context.Background(), "expired", func() error { return context.DeadlineExceeded })()
	_ = l.FuncErr(context.Background(), "hostile", func() error { return hostile{} })()
	if got := attempt(l.Func(context.Background(), "panicked", func() { panic("secret") })); got != "secret" {
		t.Errorf("the panic is now %v", got)
	}
	var m map[string]int
	if _, ok := attempt(l.Func(context.Background(), "runtime", func() { m["x"] = 1 })).(runtime.Error); !ok {
		t.Error("the panic of the runtime is no longer one")
	}
	done := make(chan bool)
	go func() { defer close(done); l.Func(context.Background(), "goexit", runtime.Goexit)() }()
	<-done
	want := map[string]string{
		"returned": "returned ", "failed": "raised recorder_test.fs", "cancelled": "cancelled ", "expired": "cancelled ",
		"hostile": "raised recorder_test.hostile", "panicked": "raised panic", "runtime": "raised runtime.Error", "goexit": "returned ",
	}
	for _, task := range facts(t, dir).Tasks {
		e := analyze.Exception{}
		if task.Exception != nil {
			e = *task.Exception
		}
		if got := task.Outcome + " " + e.Type; got != want[task.Name] {
			t.Errorf("%s: %s, want %s", task.Name, got, want[task.Name])
		}
		if task.Steps != 1 {
			t.Errorf("%s took %d steps, want 1", task.Name, task.Steps)
		}
		delete(want, task.Name)
	}
	if len(want) != 0 {
		t.Errorf("missing: %v", want)
	}
	if strings.Contains(text(t, dir), "secret\n") {
		t.Error("the value of the panic is in the recording")
	}
}

type fs int

func (fs) Error() string { return "secret" }

// hostile is an error whose methods fail.
type hostile struct{}

func (hostile) Error() string   { panic("no") }
func (hostile) Is(error) bool   { panic("no") }
func (hostile) Unwrap() []error { panic("no") }

// What wraps a function does not show in the stack of a crash as something that recovered it.
func TestPanicIsNotRecovered(t *testing.T) {
	l := recorder.New().Loop("loop")
	defer func() {
		_ = recover()
		buf := make([]byte, 1<<16)
		stack := string(buf[:runtime.Stack(buf, false)])
		if strings.Count(stack, "panic(") != 1 {
			t.Errorf("the panic passes more than once:\n%s", stack)
		}
	}()
	l.Func(context.Background(), "task", func() { panic(errors.New("x")) })()
}

// A task of a function that is called again is another one, made at the same place.
func TestCalledAgain(t *testing.T) {
	r, dir := open(t)
	ctx, parent := r.Loop("loop").Task(context.Background(), "parent")
	n := 0
	f := r.Loop("cron").Func(ctx, "entry", func() { n++ })
	for range 3 {
		f()
	}
	parent.Done(nil)
	run := facts(t, dir)
	entries := slices.DeleteFunc(run.Tasks, func(t *analyze.Task) bool { return t.Name != "entry" })
	if n != 3 || len(entries) != 3 {
		t.Fatalf("%d calls, %d tasks, want 3 of each", n, len(entries))
	}
	for _, e := range entries {
		if e.Site != entries[0].Site || e.Parent == nil || e.Parent.Name != "parent" || e.Outcome != "returned" {
			t.Errorf("a task is %+v", e)
		}
	}
}
