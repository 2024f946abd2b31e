package tracefile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLostHeader: where the index is gone and a header too, the number of events behind the damage says how many there were.
func TestLostHeader(t *testing.T) {
	src, err := ReadText(strings.NewReader("looptrace 1\n0 loop_set\n1 loop_set\n=stream 2\n2 loop_set\n3 loop_set\n4 loop_set\n=stream 3\n5 loop_set\n"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Copy(&b, src); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	p, err := ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.frames {
		if f.kind == frameEvents && f.stream == 2 {
			data[f.offset+9] ^= 1
		}
	}
	data = data[:len(data)-1]
	if p, err = ReadPacked(bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, p); got != "loop_set loop_set loop_set" {
		t.Errorf("%q", got)
	}
	if notes := strings.Join(p.Health().Notes, "\n"); !strings.Contains(notes, "3 events before it are lost") || !strings.Contains(notes, "bytes are damaged") {
		t.Error(notes)
	}
}

// TestResync: the next frame is found wherever it begins, also across the pieces in which the file is read.
func TestResync(t *testing.T) {
	h := frame{kind: frameEvents}
	for _, gap := range []int{1, 39, 64<<10 - 41, 64<<10 - 40, 64<<10 - 3, 64<<10 - 2, 64<<10 - 1, 64 << 10, 200_000} {
		data := bytes.Repeat([]byte("\xf7"), gap)
		data = h.append(data)
		p := &PackedReader{in: bytes.NewReader(data), size: int64(len(data))}
		if got := p.resync(0); got != int64(gap) {
			t.Errorf("after %d bytes: found at %d", gap, got)
		}
		p.size -= 2
		if got := p.resync(0); got != p.size {
			t.Errorf("after %d bytes: found half a header at %d", gap, got)
		}
	}
}

// TestLongFact: a line may be longer than what is read at once.
func TestLongFact(t *testing.T) {
	d := newSpoolDir(t)
	long := strings.Repeat("x", 200_000)
	d.write("5-a.facts", "1 100 process_started pid=5\n2 110 loop_set name="+long+"\n3 120 loop_set name=z\n")
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := kinds(t, s); got != "process_started loop_set "+long+" loop_set z" {
		t.Errorf("%d bytes: %.60s", len(got), got)
	}
}

// TestSourceText: lines come from the files as they were during the run.
func TestSourceText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.py")
	if err := os.WriteFile(path, []byte("first\n\t second \xff \nlast"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := SourceText(time.Time{})
	for line, want := range map[int]string{0: "", 1: "first", 2: "second \uFFFD", 3: "last", 4: "", -1: ""} {
		if got := text(path, line); got != want {
			t.Errorf("line %d is %q, want %q", line, got, want)
		}
	}
	if got := text(path+"x", 1) + text(os.DevNull, 1); got != "" {
		t.Errorf("no file has the text %q", got)
	}
	if got := SourceText(time.Now().Add(-time.Hour))(path, 1); got != "" {
		t.Errorf("a file that was changed since has the text %q", got)
	}
	if got := SourceText(time.Now().Add(time.Hour))(path, 1); got != "first" {
		t.Errorf("a file that was not changed since has the text %q", got)
	}
}

// TestSpoolText: a frame's text is the spool's own if it has one.
func TestSpoolText(t *testing.T) {
	d := newSpoolDir(t)
	d.write("5-a.facts", "1 100 process_started pid=5\n=code 1 file=<string> line=1 function=f\n=code 2 file=/a.py line=1 function=g\n"+
		"=text 1:3 text=\\s\\sx\\s=\\s1\n=stack 1 1:3,2:4\n2 110 loop_set stack=1\n")
	s, err := OpenSpool(d.dir, SpoolOptions{Text: func(file string, line int) string { return file + " as it was" }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	kinds(t, s)
	got := s.Stack(1)
	if len(got) != 2 || got[0].Text != "x = 1" || got[1].Text != "/a.py as it was" || got[1].Qualname != "g" {
		t.Errorf("%+v", got)
	}
}
