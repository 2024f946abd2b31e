package tracefile

import (
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kinds reads a source to its end.
func kinds(t *testing.T, src Source) string {
	t.Helper()
	var list []string
	for {
		e, err := src.Next()
		if err == io.EOF {
			return strings.Join(list, " ")
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSuffix(strings.TrimSpace(e.Kind.String()+" "+e.Name), " "))
	}
}

// TestSpoolGrows: slots that are written behind the reader's back are not lost once a further file shows that the one
// before is complete.
func TestSpoolGrows(t *testing.T) {
	d := newSpoolDir(t)
	d.write("5-a.facts", "1 100 process_started pid=5\n")
	d.slots("5-a.0.slots", slotFloats, [4]float64{0, 0, 4, 1}, [4]float64{0, 0, codeReturned, 200}, [4]float64{}, [4]float64{})
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 {
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(d.dir, "5-a.0.slots"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	slot := binary.LittleEndian.AppendUint64(nil, math.Float64bits(codeRaised))
	slot = binary.LittleEndian.AppendUint64(slot, math.Float64bits(300e-9))
	if _, err := f.WriteAt(slot, slotsHeader+2*slotSize); err != nil {
		t.Fatal(err)
	}
	f.Close()
	d.slots("5-a.1.slots", slotFloats, [4]float64{0, 0, codeSpawned, 400})
	if diff := cmp.Diff("io_wait_ended callback_begun", kinds(t, s)); diff != "" {
		t.Error(diff)
	}
}

// TestSpoolFacts: facts without a slot keep their order, and a definition that stands behind waiting facts is found.
func TestSpoolFacts(t *testing.T) {
	d := newSpoolDir(t)
	d.write("5-a.facts", strings.Join([]string{
		"1 100 process_started pid=5", "2 110 thread_seen thread=1 name=before", "3 120 loop_opened loop=1 name=at",
		"4 130 loop_set loop=1 name=raced", "5 140 loop_set loop=1 name=after", "6 150 from_the_future x=y",
		"7 160 task_named task=@7f00deadbe10 name=long\\sname", "=later 4 x=y", "=name 3 text=interned", "8 170 loop_set name=last", "",
	}, "\n"))
	d.slots(
		"5-a.0.slots", slotIntegers,
		[4]float64{0, 0, 4, 3},
		[4]float64{0, 0, codeReturned, 125},
		[4]float64{0, taskB, codeName, 3}, // reads facts 4 to 7 on the way to the name
		[4]float64{0, taskB, codeReturned, 126},
		[4]float64{0, 0, 4, 5}, // overtook 4
		[4]float64{0, 0, 4, 4},
		[4]float64{0, 0, codeReturned, 145},
		[4]float64{0, 0, 4, 7},
		[4]float64{0, taskA, codeRaised, 161},
		[4]float64{0, 0, 9, 161},
		[4]float64{0, 0, 4, 99},
	)
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := "process_started thread_seen before loop_opened at io_wait_begun task_ended interned loop_set raced loop_set after " +
		"io_wait_begun task_ended long name note_added loop_set last"
	if diff := cmp.Diff(want, kinds(t, s)); diff != "" {
		t.Error(diff)
	}
	notes := strings.Join(s.Health().Notes, "\n")
	for _, part := range []string{"2 lines were not understood", "1 slots of an unknown kind", "1 events are lost", "run.meta is missing"} {
		if !strings.Contains(notes, part) {
			t.Errorf("no note says %q:\n%s", part, notes)
		}
	}
}

// TestSpoolFullDisk: facts that could not be written are told of where they are missing, and what is torn is no fact.
func TestSpoolFullDisk(t *testing.T) {
	d := newSpoolDir(t)
	d.write("5-a.facts", strings.Join([]string{
		"1 100 process_started pid=5", "2 110 thread_seen thread=1 name=tor\x18", "4 130 loop_set loop=1 name=back", "",
	}, "\n"))
	d.slots("5-a.0.slots", slotIntegers, [4]float64{0, 0, 4, 1}, [4]float64{0, 0, 4, 4}, [4]float64{0, 0, codeReturned, 145})
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff("process_started note_added loop_set back io_wait_begun", kinds(t, s)); diff != "" {
		t.Error(diff)
	}
	if h := s.Health(); !h.Truncated || !strings.Contains(strings.Join(h.Notes, "\n"), "rare events are missing") {
		t.Errorf("%+v", h)
	}
}

// TestSpoolDamage: files that are missing or make no sense cost what was in them.
func TestSpoolDamage(t *testing.T) {
	d := newSpoolDir(t)
	d.write("run.meta", "=run pid=5\n=end exit_co")
	d.write("5-a.facts", "1 100 process_started pid=5\n")
	d.write("5-a.0.slots", "LTSLOTS9"+strings.Repeat("x", 200))
	d.slots("5-a.2.slots", slotFloats, [4]float64{0, 0, codeReturned, 125})
	d.slots("6-b.0.slots", slotFloats, [4]float64{0, taskA, codeStep, 125}) // no facts
	d.write("7-c.0.slots", "")
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff("process_started step_begun", kinds(t, s)); diff != "" {
		t.Error(diff)
	}
	notes := strings.Join(s.Health().Notes, "\n")
	for _, part := range []string{"5-a: 1 slots files are missing", "5-a.0.slots: the header is damaged", "6-b.facts: no such file"} {
		if !strings.Contains(notes, part) {
			t.Errorf("no note says %q:\n%s", part, notes)
		}
	}
	if s.Run().Ended || s.Run().PID != 5 {
		t.Errorf("%+v", s.Run())
	}
}

// TestRunMeta: what the launcher writes is read.
func TestRunMeta(t *testing.T) {
	dir := t.TempDir()
	want := RunInfo{
		Command: []string{"python", "a b.py", "ü\n", "@x"}, StartedAt: 1700000000123456789, StartedNS: 5, DurationNS: 7,
		Ended: true, ExitCode: -1, Signal: 9, PID: 77,
	}
	if err := WriteRunBegin(dir, want); err != nil {
		t.Fatal(err)
	}
	if info, found, err := readRunMeta(dir); err != nil || !found || info.Ended || info.PID != 77 {
		t.Errorf("%+v %v %v", info, found, err)
	}
	if err := WriteRunEnd(dir, want); err != nil {
		t.Fatal(err)
	}
	info, _, err := readRunMeta(dir)
	if diff := cmp.Diff(want, info); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// TestForkUnreported: where the parent did not live to report the fork, the child inherits what was live when it started.
func TestForkUnreported(t *testing.T) {
	d := newSpoolDir(t)
	d.write("run.meta", "=run pid=5\n")
	d.write("5-a.facts", "1 100 process_started pid=5\n")
	d.slots(
		"5-a.0.slots", slotFloats,
		[4]float64{0, taskA, codeSpawned, 200},
		[4]float64{0, taskB, codeSpawned, 400},
	)
	d.write("6-b.facts", "1 300 process_started pid=6 ppid=5 forked=1 parent=5-a fork=4\n")
	want := "process_started task_spawned task_spawned process_started task_inherited"
	s, err := OpenSpool(d.dir, SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(want, kinds(t, s)); diff != "" {
		t.Error(diff)
	}
}

// TestKindNames: every kind has a name of its own that is parsed back.
func TestKindNames(t *testing.T) {
	for k := Undetermined + 1; k < kindCount; k++ {
		got, ok := ParseKind(k.String())
		if !ok || got != k || strings.ToLower(k.String()) != k.String() || strings.Contains(k.String(), "(") {
			t.Errorf("%d is called %s", k, k)
		}
	}
}

// TestBomb: what claims to expand beyond all measure is refused before it does.
func TestBomb(t *testing.T) {
	var d deflater
	raw := make([]byte, 1<<20)
	packed, ok := d.deflate(raw, 9, 10)
	if !ok || len(packed)*maxRatio < len(raw) {
		t.Errorf("%d bytes become %d", len(raw), len(packed))
	}
	h := frame{kind: frameEvents, flags: flagDeflated, raw: uint32(len(raw))}
	short := packed[:len(packed)/2]
	for _, stored := range [][]byte{packed, short} {
		h.sum = checksum(stored)
		var in inflater
		got, err := in.payload(h, stored)
		if (err == nil) != (len(stored) == len(packed)) || err == nil && len(got) != len(raw) {
			t.Errorf("%d bytes: %d, %v", len(stored), len(got), err)
		}
		if err != nil && cap(in.raw) > 0 {
			t.Errorf("%d bytes were made room for", cap(in.raw))
		}
	}
}

// TestIndexOverlap: an index cannot make a small file stand for many events.
func TestIndexOverlap(t *testing.T) {
	frames := []frameRef{{16, 0, 9, 1, frameEvents}, {56, 9, 9, 1, frameEvents}}
	if _, ok := decodeIndex(encodeIndex(frames), 2, 1000); !ok {
		t.Error("a right index is refused")
	}
	for _, wrong := range [][]frameRef{
		{{16, 0, 9, 1, frameEvents}, {16, 9, 9, 1, frameEvents}},
		{{16, 0, 9, 1, frameEvents}, {55, 9, 9, 1, frameEvents}},
		{{0, 0, 9, 1, frameEvents}},
		{{990, 0, 9, 1, frameEvents}},
	} {
		if _, ok := decodeIndex(encodeIndex(wrong), uint32(len(wrong)), 1000); ok {
			t.Errorf("%v is accepted", wrong)
		}
	}
	if _, ok := decodeIndex(nil, math.MaxUint32, 1000); ok {
		t.Error("an index of nothing is accepted")
	}
}

// TestForkBothGoOn: parent and child count on from the fork, so the same number is one thing here and another there.
func TestForkBothGoOn(t *testing.T) {
	d := newSpoolDir(t)
	d.write("5-a.facts", strings.Join([]string{
		"1 100 process_started pid=5 ppid=1 forked=0",
		"=code 1 file=/a.py line=1 function=both",
		"=chain 1 state=suspended on=future 1:10",
		"2 200 process_forked fork=1",
		"=chain 2 state=suspended on=future 1:20",
		"=stack 1 1:21",
		"=site 1 stack=1 loop=1 coro=parent",
		"=name 1 text=parent",
		"",
	}, "\n"))
	d.slots("5-a.0.slots", slotFloats, [4]float64{0, 0, 4, 1}, [4]float64{0, 0, 4, 2})
	d.write("6-b.facts", strings.Join([]string{
		"1 210 process_started pid=6 ppid=5 forked=1 parent=5-a fork=1",
		"=code 2 file=/a.py line=5 function=child",
		"=stack 1 2:31",
		"=site 1 stack=1 loop=1 coro=child",
		"=name 1 text=child",
		"=chain 2 state=suspended on=future 2:30",
		"",
	}, "\n"))
	d.slots("6-b.0.slots", slotFloats,
		[4]float64{0, 0, 4, 1},
		[4]float64{0, taskA, codeSite, 1}, [4]float64{0, taskA, codeSpawned, 300},
		[4]float64{0, taskA, codeName, 1}, [4]float64{0, taskA, codeWaiting, 2},
		[4]float64{0, taskA, codeWaiting, 1},
	)
	_, child, _ := strings.Cut(d.text(), "=stream 2")
	for _, want := range []string{"coro=child", "name=child", "/a.py:31:child", "/a.py:30:child", "/a.py:10:both"} {
		if !strings.Contains(child, want) {
			t.Errorf("no %s in\n%s", want, child)
		}
	}
	if strings.Contains(child, "parent\n") || strings.Contains(child, "/a.py:20") {
		t.Errorf("the parent's definitions in\n%s", child)
	}
}
