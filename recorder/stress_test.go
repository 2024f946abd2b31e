package recorder_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

// Every method may be called at any time, also while the loop and the Recorder are closed.
func TestAllAtOnce(t *testing.T) {
	for range 10 {
		r, dir := open(t)
		l := r.Loop("loop")
		var wg sync.WaitGroup
		_, shared := l.Task(context.Background(), "shared")
		for i := range 8 {
			wg.Go(func() { useAll(r, l, shared, i) })
		}
		wg.Go(func() { l.Close(); l.Live(); l.Close() })
		wg.Go(func() {
			runtime.Gosched()
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		facts(t, dir)
	}
}

func useAll(r *recorder.Recorder, l *recorder.Loop, shared *recorder.Task, i int) {
	ctx := context.Background()
	for j := range 50 {
		l.Run()
		ctx, task := l.Task(ctx, fmt.Sprint("task ", i))
		l.Go(ctx, "go", func(ctx context.Context) { l.Do(ctx, "do", func(context.Context) { task.Wait("in do") }) })
		l.Func(ctx, "func", func() { shared.Start() })()
		again := l.FuncErr(ctx, "func err", func() error { shared.Wait("reply"); return errors.New("error") })
		_, _ = again(), again()
		recorder.Arg(l, ctx, "arg", func(int) { shared.Cancel(nil) })(j)
		task.Start()
		task.Cancel(nil)
		if j%10 == 0 {
			l.Live()
			r.Loop("another").Close()
		}
		go task.Done(nil)
		task.Done(context.Canceled)
		l.Stop()
	}
	shared.Done(nil)
}

// A loop of many tasks at once costs memory for them, and is closed in one go.
func TestManyLive(t *testing.T) {
	const many = 200_000
	r, dir := open(t)
	l := r.Loop("loop")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	tasks := make([]*recorder.Task, many)
	for i := range tasks {
		_, tasks[i] = l.Task(context.Background(), "task")
		tasks[i].Start()
		tasks[i].Wait("reply")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if each := int64(after.HeapAlloc-before.HeapAlloc) / many; each > 300 {
		t.Errorf("a live task takes %d bytes", each)
	}
	start := time.Now()
	if live := l.Close(); len(live) != many {
		t.Errorf("%d tasks are live", len(live))
	}
	t.Log("the close took", time.Since(start))
	if closes := facts(t, dir).Processes[0].Loops[0].Closes; len(closes) != 1 || len(closes[0].Live) != many {
		t.Errorf("the close is not as it was")
	}
	runtime.KeepAlive(tasks)
}
