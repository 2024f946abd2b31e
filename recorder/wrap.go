package recorder

import "context"

// Go runs fn on a goroutine of its own, as a task: one that is started at once and ends when fn returns. fn gets the context
// of the task, so that the tasks that it makes are its children. It runs on a nil Loop too, and on a closed one.
func (l *Loop) Go(ctx context.Context, name string, fn func(context.Context)) {
	if l == nil {
		go fn(ctx)
		return
	}
	t := l.spawn(ctx, name, 0)
	ctx = t.context(ctx)
	go func() { t.run(func() error { fn(ctx); return nil }) }()
}

// Func makes a task of fn, which begins when the function returned is called, and ends when that returns: for
// WaitGroup.Go, worker pools, cron. A further call is a task of its own, made by the same line. On a nil Loop it returns fn.
func (l *Loop) Func(ctx context.Context, name string, fn func()) func() {
	if l == nil {
		return fn
	}
	t := l.spawn(ctx, name, 0)
	return func() { t.again().run(func() error { fn(); return nil }) }
}

// FuncErr is Func for functions that fail, as errgroup.Group.Go takes them. A task whose function returns an error has
// failed with the type of it.
func (l *Loop) FuncErr(ctx context.Context, name string, fn func() error) func() error {
	if l == nil {
		return fn
	}
	t := l.spawn(ctx, name, 0)
	return func() error { return t.again().run(fn) }
}

// Arg is Func for a function with an argument, as loops take that hand themselves to what they run.
func Arg[T any](l *Loop, ctx context.Context, name string, fn func(T)) func(T) {
	if l == nil {
		return fn
	}
	t := l.spawn(ctx, name, 0)
	return func(arg T) { t.again().run(func() error { fn(arg); return nil }) }
}

// again returns the task if it has not begun, else a new one of the same make.
func (t *Task) again() *Task { return t }

// run runs fn as the one step of the task.
func (t *Task) run(fn func() error) error {
	t.Start()
	err := fn()
	t.Done(err)
	return err
}
