package recorder

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
)

// Go runs fn on a goroutine of its own, as a task: one that is started at once and ends when fn returns. fn gets the context
// of the task, so that the tasks that it makes are its children. It runs on a nil Loop too, and on a closed one.
func (l *Loop) Go(ctx context.Context, name string, fn func(context.Context)) {
	if l == nil {
		go fn(ctx)
		return
	}
	t := l.spawn(ctx, name, fn, "Go")
	t.spawns.Store(true)
	go t.run(t.context(ctx), false, func(ctx context.Context) error { fn(ctx); return nil })
}

// Do runs fn on this goroutine, as a task that is started at once and ends when fn returns: for handlers and callbacks, which
// a library calls on goroutines of its own. fn gets the context of the task. It runs on a nil Loop too.
func (l *Loop) Do(ctx context.Context, name string, fn func(context.Context)) {
	if l == nil {
		fn(ctx)
		return
	}
	t := l.spawn(ctx, name, fn, "Do")
	_ = t.run(t.context(ctx), true, func(ctx context.Context) error { fn(ctx); return nil })
}

// Func makes a task of fn, which begins when the function returned is called, and ends when that returns: for
// WaitGroup.Go, worker pools, cron. Each further call is a task of its own, made at the same place. On a nil Loop it returns
// fn.
func (l *Loop) Func(ctx context.Context, name string, fn func()) func() {
	if l == nil {
		return fn
	}
	j := &job{task: l.spawn(ctx, name, fn, "Func"), ctx: ctx}
	return func() { _ = j.run(func(context.Context) error { fn(); return nil }) }
}

// FuncErr is Func for functions that fail, as errgroup.Group.Go takes them: see Task.Done for what becomes of the error.
func (l *Loop) FuncErr(ctx context.Context, name string, fn func() error) func() error {
	if l == nil {
		return fn
	}
	j := &job{task: l.spawn(ctx, name, fn, "FuncErr"), ctx: ctx}
	return func() error { return j.run(func(context.Context) error { return fn() }) }
}

// Arg is Func for a function with an argument, as those take that hand something to what they run.
func Arg[T any](l *Loop, ctx context.Context, name string, fn func(T)) func(T) {
	if l == nil {
		return fn
	}
	j := &job{task: l.spawn(ctx, name, fn, "Arg"), ctx: ctx}
	return func(arg T) { _ = j.run(func(context.Context) error { fn(arg); return nil }) }
}

// job is a function that may be called more than once.
type job struct {
	task *Task
	ctx  context.Context
	used atomic.Bool
}

// run runs fn as the task, or as a further one.
func (j *job) run(fn func(context.Context) error) error {
	t := j.task
	if j.used.Swap(true) {
		first := t
		t = &Task{loop: first.loop, id: first.loop.rec.tasks.Add(1), name: first.name, parent: first.parent, site: first.site}
		t.begin(j.ctx)
	}
	return t.run(t.context(j.ctx), true, fn)
}

// run runs fn as the one step of the task, on a goroutine that has its labels meanwhile. A panic goes on as it would without
// this: it is looked at from a deferred function, and not recovered.
//
//go:noinline
func (t *Task) run(ctx context.Context, restore bool, fn func(context.Context) error) error {
	labeled := t.label(ctx)
	returned := false
	var err error
	region := t.mirror.region(ctx, t.name)
	defer func() {
		if region != nil {
			region.End()
		}
		if restore {
			unlabel(ctx)
		}
		if returned {
			t.end(err)
		} else {
			t.left()
		}
	}()
	t.start()
	err = fn(labeled)
	returned = true
	return err
}

// left ends a task whose function did not return.
func (t *Task) left() {
	stack := callers(maxStack)
	for i, pc := range stack {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		switch f.Function {
		case "runtime.Goexit": // as t.FailNow does
			t.finish(slotReturned, "")
			return
		case "runtime.gopanic":
			t.failed(stack[i+1:])
			return
		}
	}
	t.failed(nil)
}

// failed records that the task panics, and where, and that it ends. The type of the value cannot be had without stopping the
// panic; only that the runtime itself made it.
func (t *Task) failed(stack []uintptr) {
	failure := "panic"
	if list := resolve(stack); len(list) > 0 && strings.HasPrefix(list[0].Function, "runtime.") {
		failure = "runtime.Error"
	}
	if s := t.loop.rec.spool; s != nil && !t.over() {
		s.lock()
		id := s.stack(head(stack))
		s.begin("task_failed").task("task", t.id).text("type", failure).num("raised_stack", id).end()
		s.unlock()
	}
	t.finish(slotRaised, "")
}
