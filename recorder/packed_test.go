package recorder_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/looptrace/looptrace/recorder"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// busy makes tasks as a server does: a task for each connection, with requests as its children, which wait for replies.
func busy(l *recorder.Loop, conns, requests int) {
	for range conns {
		ctx, conn := l.Task(context.Background(), "conn")
		conn.Start()
		for range requests {
			_, request := l.Task(ctx, "request")
			request.Start()
			request.Wait("reply")
			conn.Wait("read")
			request.Start()
			request.Done(nil)
			conn.Start()
		}
		conn.Done(io.EOF)
	}
}

// packed returns the recording as a file, and the number of events in it.
func packed(tb testing.TB, dir string) ([]byte, int) {
	tb.Helper()
	var b bytes.Buffer
	if err := tracefile.Copy(&b, spool(tb, dir)); err != nil {
		tb.Fatal(err)
	}
	src, err := tracefile.ReadPacked(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		tb.Fatal(err)
	}
	for n := 0; ; n++ {
		if _, err := src.Next(); errors.Is(err, io.EOF) {
			return b.Bytes(), n
		} else if err != nil {
			tb.Fatal(err)
		}
	}
}

// The packed recording says what the spool does, in few bytes.
func TestPacked(t *testing.T) {
	r, dir := open(t)
	busy(r.Loop("server"), 50, 100)
	data, n := packed(t, dir)
	if want := 50*(100*7+3) + 50 + 2; n != want { // with what each connection failed with, the process and the loop
		t.Errorf("%d events, want %d", n, want)
	}
	if per := float64(len(data)) / float64(n); per > 5 { // the times are as large as the machine is busy
		t.Errorf("%.2f bytes an event", per)
	}
	src, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := tracefile.WriteText(&a, spool(t, dir)); err != nil {
		t.Fatal(err)
	}
	if err := tracefile.WriteText(&b, src); err != nil {
		t.Fatal(err)
	}
	if a.String() != b.String() {
		t.Error("the packed recording says something else than the spool")
	}
}

// BenchmarkBusy is the whole of it: what is measured is one event, and B/event in a packed trace.
func BenchmarkBusy(b *testing.B) {
	var dir string
	events := 0
	var took time.Duration
	for b.Loop() {
		var r *recorder.Recorder
		r, dir = open(b)
		l := r.Loop("server")
		began := time.Now()
		busy(l, 100, 100)
		took += time.Since(began)
		events += 100 * (100*7 + 3)
	}
	data, n := packed(b, dir)
	b.ReportMetric(float64(took.Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(len(data))/float64(n), "B/event")
}
