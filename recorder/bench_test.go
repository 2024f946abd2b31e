package recorder

import (
	"context"
	"testing"
)

// benchmarkLoop returns a loop that is recorded to a spool.
func benchmarkLoop(b *testing.B, opts ...Option) *Loop {
	b.Helper()
	r, err := Open(b.TempDir(), opts...)
	if err != nil {
		b.Skip(err)
	}
	b.Cleanup(func() { _ = r.Close() })
	return r.Loop("bench")
}

func BenchmarkNil(b *testing.B) {
	var l *Loop
	_, t := l.Task(context.Background(), "task")
	b.ReportAllocs()
	for b.Loop() {
		t.Start()
		t.Wait("reply")
		t.Done(nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/3, "ns/call")
}

func BenchmarkNilTask(b *testing.B) {
	var l *Loop
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		_, t := l.Task(ctx, "task")
		t.Done(nil)
	}
}

// One step: Start and Wait.
func BenchmarkStep(b *testing.B) {
	_, t := benchmarkLoop(b).Task(context.Background(), "task")
	b.ReportAllocs()
	for b.Loop() {
		t.Start()
		t.Wait("reply")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/2, "ns/event")
}

func BenchmarkStart(b *testing.B) {
	_, t := benchmarkLoop(b).Task(context.Background(), "task")
	b.ReportAllocs()
	for b.Loop() {
		t.Start()
	}
}

func BenchmarkWait(b *testing.B) {
	_, t := benchmarkLoop(b).Task(context.Background(), "task")
	b.ReportAllocs()
	for b.Loop() {
		t.Wait("reply")
	}
}

// A task is made, with its stack, and ends.
func BenchmarkTask(b *testing.B) { benchmarkTask(b, benchmarkLoop(b)) }

func BenchmarkTaskWithoutStack(b *testing.B) { benchmarkTask(b, benchmarkLoop(b, Depth(0))) }

func BenchmarkTaskInMemory(b *testing.B) { benchmarkTask(b, New().Loop("bench")) }

func benchmarkTask(b *testing.B, l *Loop) {
	ctx, _ := l.Task(context.Background(), "parent")
	b.ReportAllocs()
	deep(6, func() {
		for b.Loop() {
			_, t := l.Task(ctx, "task")
			t.Done(nil)
		}
	})
}

// Only the end of tasks.
func BenchmarkDone(b *testing.B) {
	l := benchmarkLoop(b)
	tasks := make([]*Task, b.N)
	for i := range tasks {
		_, tasks[i] = l.Task(context.Background(), "task")
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, t := range tasks {
		t.Done(nil)
	}
}

func BenchmarkFunc(b *testing.B) {
	l := benchmarkLoop(b)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		l.Func(ctx, "task", func() {})()
	}
}

func BenchmarkStepParallel(b *testing.B) {
	l := benchmarkLoop(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		_, t := l.Task(context.Background(), "task")
		for pb.Next() {
			t.Start()
			t.Wait("reply")
		}
	})
}

func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}
