// Package jsloop is the event loop of github.com/dop251/goja_nodejs with a recorder. Its timers and promises are no
// goroutines, and Stop returns how many jobs remain: a recording tells which, by the lines of the script.
package jsloop

import (
	"context"
	"fmt"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/eventloop"
	"github.com/looptrace/looptrace/recorder"
)

// Loop is an eventloop.EventLoop that tells of its work. All fields but the first are used by its goroutine only.
type Loop struct {
	*eventloop.EventLoop
	rec   *recorder.Loop
	vm    *goja.Runtime
	ctx   context.Context        // of the job that runs
	tasks map[any]*recorder.Task // by *eventloop.Timer, …Interval, …Immediate
}

// New returns a loop that tells rec of its work. If rec is nil the loop is the plain one.
func New(rec *recorder.Loop, opts ...eventloop.Option) *Loop {
	l := &Loop{
		EventLoop: eventloop.NewEventLoop(opts...), rec: rec, ctx: context.Background(),
		tasks: map[any]*recorder.Task{},
	}
	if rec != nil {
		l.RunOnLoop(l.attach)
	}
	return l
}

// Start is that of eventloop.EventLoop.
func (l *Loop) Start() {
	l.rec.Run()
	l.EventLoop.Start()
}

// Stop is that of eventloop.EventLoop; the loop must not be started again. It returns the number of jobs that remain, and
// must not be called on the loop itself, for it waits for that.
func (l *Loop) Stop() int {
	jobs := l.EventLoop.Stop()
	l.rec.Stop()
	l.rec.Close()
	return jobs
}

// attach puts functions of ours before those of the loop.
func (l *Loop) attach(vm *goja.Runtime) {
	l.vm = vm
	vm.SetAsyncContextTracker(l)
	l.before("setTimeout", l.once)
	l.before("setImmediate", l.once)
	l.before("setInterval", l.often)
	for _, name := range []string{"clearTimeout", "clearImmediate", "clearInterval"} {
		l.before(name, l.clear)
	}
}

func (l *Loop) before(name string, f func(original goja.Callable, name string, call goja.FunctionCall) goja.Value) {
	if original, ok := goja.AssertFunction(l.vm.Get(name)); ok {
		_ = l.vm.Set(name, func(call goja.FunctionCall) goja.Value { return f(original, name, call) })
	}
}

// once makes a task of a callback that is called once.
func (l *Loop) once(original goja.Callable, name string, call goja.FunctionCall) goja.Value {
	return l.schedule(original, name, "timer", call, func(key any, task *recorder.Task, err error) {
		task.Done(err)
		delete(l.tasks, key)
	})
}

// often makes a task of a callback that is called until somebody clears it.
func (l *Loop) often(original goja.Callable, name string, call goja.FunctionCall) goja.Value {
	return l.schedule(original, name, "interval", call, func(_ any, task *recorder.Task, _ error) { task.Wait("interval") })
}

// schedule hands the callback to the loop in a function of ours, and after decides what becomes of the task then.
func (l *Loop) schedule(
	original goja.Callable, name, reason string, call goja.FunctionCall, after func(any, *recorder.Task, error),
) goja.Value {
	callback, ok := goja.AssertFunction(call.Argument(0))
	if !ok {
		return result(original(call.This, call.Arguments...))
	}
	ctx, task := l.rec.Task(l.ctx, name+" at "+l.line(1))
	task.Wait(reason)
	var key any
	args := append([]goja.Value(nil), call.Arguments...)
	args[0] = l.vm.ToValue(func(call goja.FunctionCall) goja.Value {
		task.Start()
		l.ctx = ctx
		v, err := callback(call.This, call.Arguments...)
		l.ctx = context.Background()
		after(key, task, err)
		return result(v, err)
	})
	v := result(original(call.This, args...))
	key = v.Export()
	l.tasks[key] = task
	return v
}

// clear ends the task of a job that will not run.
func (l *Loop) clear(original goja.Callable, _ string, call goja.FunctionCall) goja.Value {
	key := call.Argument(0).Export()
	if task := l.tasks[key]; task != nil {
		task.Cancel(context.Canceled)
		task.Done(context.Canceled)
		delete(l.tasks, key)
	}
	return result(original(call.This, call.Arguments...))
}

// result hands an exception of the script on to the script.
func result(v goja.Value, err error) goja.Value {
	if err != nil {
		panic(err)
	}
	return v
}

// line returns where the script is, depth frames out: "shop.js:3".
func (l *Loop) line(depth int) string {
	frames := l.vm.CaptureCallStack(depth+1, nil)
	if len(frames) <= depth {
		return "native code"
	}
	at := frames[depth].Position()
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

// job is an async function that awaits.
type job struct {
	ctx  context.Context
	task *recorder.Task
}

// Grab makes a task of an await. Of the callbacks of then() nobody tells when they are not called, so they are no tasks; it
// is a native function that registers them.
func (l *Loop) Grab() any {
	frames := l.vm.CaptureCallStack(1, nil)
	if len(frames) == 0 || frames[0].SrcName() == "<native>" {
		return job{ctx: l.ctx}
	}
	ctx, task := l.rec.Task(l.ctx, "await in "+frames[0].FuncName()+" at "+l.line(0))
	task.Wait("promise")
	return job{ctx, task}
}

// Resumed is called when the promise is kept, or broken.
func (l *Loop) Resumed(grabbed any) {
	j := grabbed.(job)
	j.task.Start()
	j.task.Done(nil)
	l.ctx = j.ctx
}

// Exited is called when the function awaits the next promise, or ends.
func (l *Loop) Exited() { l.ctx = context.Background() }
