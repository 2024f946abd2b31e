package tracefile

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// A samples file is merged by time, its stacks keep apart from the recorder's of the same id, and the packed form says
// what the spool says.
func TestSamples(t *testing.T) {
	d := newSpoolDir(t)
	d.write("run.meta", "=run started_at=0 started_ns=0 pid=5\n")
	d.write("5-a.facts", "1 100 process_started pid=5 ppid=1\n=code 1 file=/app.py line=1 function=main qualname=main\n=stack 1 1:2\n2 110 loop_opened loop=1 stack=1\n3 400 note_added text=late\n")
	d.slots("5-a.0.slots", slotFloats, [4]float64{0, 0, 4, 2}, [4]float64{0, 160, 0, 150}, [4]float64{0, 0, 2, 350}, [4]float64{0, 0, 4, 3})
	w := NewSampleWriter(d.dir, "5-a")
	stack := []Frame{{File: "/lib a.py", Line: 7, Function: "recv", Qualname: "Socket.recv"}, {File: "/app.py", Line: 3, Function: "get", Qualname: "get"}}
	for _, at := range []int64{200, 300} {
		if err := w.Sample(at, 0, stack, Attrs{{"state", "S"}, {"over_ns", "50"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sample(500, 2, stack[1:], nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Note(600, "it, ended"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := `100 process_started pid=5 ppid=1
110 loop_opened loop=1 stack=1
150 step_begun task=1
200 step_sampled stack=2147483649 state=S over_ns=50
300 step_sampled stack=2147483649 state=S over_ns=50
350 io_wait_begun
400 note_added text=late
500 step_sampled thread=2 stack=2147483650
600 note_added text=it,\sended`
	text := d.text()
	if got := eventsOf(text); got != want {
		t.Errorf("got\n%s", got)
	}
	if !strings.Contains(text, `=stack 2147483649 /lib\sa.py:7:recv:Socket.recv,/app.py:3:get`) {
		t.Errorf("stack in\n%s", text)
	}
	path := filepath.Join(t.TempDir(), "t.ltrace")
	if err := Pack(d.dir, path); err != nil {
		t.Fatal(err)
	}
	src, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var b bytes.Buffer
	if err := WriteText(&b, src); err != nil {
		t.Fatal(err)
	}
	if b.String() != text {
		t.Errorf("packed:\n%s\nspool:\n%s", b.String(), text)
	}
}

func eventsOf(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line[0] >= '0' && line[0] <= '9' {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	return strings.Join(kept, "\n")
}

// A Watch knows what is open while the files grow, on each thread.
func TestWatch(t *testing.T) {
	d := newSpoolDir(t)
	known := func(string) bool { return false }
	d.write("5-a.facts", "1 100 process_started pid=5 implementation=cpython\n2 100 thread_seen thread=1 ident=77 native=6\n3 100 run_begun thread=1 loop=1\n")
	list := Watches(d.dir, known)
	if len(list) != 1 || list[0].PID != 5 {
		t.Fatalf("%v", list)
	}
	w := list[0]
	defer w.Close()
	if w.Poll() || w.Busy() {
		t.Error("busy without slots")
	}
	step := [4]float64{0, 160, 0, 150}
	empty := [4]float64{}
	d.slots("5-a.0.slots", slotFloats, step, empty, empty)
	if !w.Poll() || !w.Busy() {
		t.Fatal("the step was not seen")
	}
	var open OpenStep
	for id, s := range w.Open {
		if open = s; id != 0 || s.BeganNS != 150 {
			t.Errorf("thread %d, %+v", id, s)
		}
	}
	if name, ok := w.Thread(0); !ok || name != (ThreadName{77, 6}) {
		t.Errorf("thread 0 is %v", name)
	}
	if got := w.Started().Get("implementation"); got != "cpython" {
		t.Errorf("implementation %q", got)
	}
	if w.Poll() || !w.In(0, open) {
		t.Error("it ended of itself")
	}
	// An end of another task, something on another thread behind a hole, then the end.
	d.slots("5-a.0.slots", slotFloats, step, [4]float64{0, 320, 2, 160}, empty, [4]float64{3, 0, 1, 170}, empty)
	if !w.Poll() || !w.In(0, open) || w.open != 1|1<<3 {
		t.Errorf("open: %b", w.open)
	}
	d.slots("5-a.0.slots", slotFloats, step, [4]float64{0, 320, 2, 160}, empty, [4]float64{3, 0, 1, 170}, [4]float64{0, 160, 7, 1})
	if !w.Poll() || w.In(0, open) || w.open != 1<<3 {
		t.Errorf("open: %b", w.open)
	}
	// The next file, of which another step is the first.
	d.slots("5-a.1.slots", slotFloats, [4]float64{3, 0, 2, 180}, step)
	if !w.Poll() || w.open != 1 || w.In(0, open) || w.Path() != filepath.Join(d.dir, "5-a.1.slots") {
		t.Errorf("open: %b in %s", w.open, w.Path())
	}
}
