package tracefile_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

func pack(t testing.TB, src tracefile.Source) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tracefile.Copy(&b, src); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, data []byte) ([]string, tracefile.Health) {
	t.Helper()
	src, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := tracetest.Lines(src)
	if err != nil {
		t.Fatal(err)
	}
	return lines, src.Health()
}

func lines(t testing.TB, src tracefile.Source) []string {
	t.Helper()
	list, err := tracetest.Lines(src)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// busySize is enough for several frames.
const busySize = 60_000

func TestPackedRoundTrip(t *testing.T) {
	want := lines(t, tracetest.Busy(busySize, 1))
	data := pack(t, tracetest.Busy(busySize, 1))
	got, health := unpack(t, data)
	if !slices.Equal(got, want) {
		t.Fatal("events differ")
	}
	if health.Events != uint64(len(want)) || health.Truncated || len(health.Notes) > 0 {
		t.Errorf("%+v", health)
	}
	src, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tracetest.Busy(1, 1).Run(), src.Run()); diff != "" {
		t.Error(diff)
	}
}

func TestPackedSameBytes(t *testing.T) {
	if !bytes.Equal(pack(t, tracetest.Busy(5000, 1)), pack(t, tracetest.Busy(5000, 1))) {
		t.Error("the same events give other bytes")
	}
}

// small is a trace with two streams and a few events of many kinds.
func small() *tracetest.Trace {
	tr := &tracetest.Trace{Info: tracefile.RunInfo{Command: []string{"python", "app.py"}, StartedNS: 90, Ended: true, ExitCode: 3, PID: 7}}
	for range 2 {
		s := tr.Stream()
		main := tracefile.Frame{File: "/app.py", Line: 7, Function: "main", Qualname: "App.main", Text: "await self.run()"}
		stack := s.Stack(main, tracefile.Frame{File: "/app.py", Line: 9, Function: "<module>", Qualname: "<module>"})
		site := s.Site(tracefile.Site{Stack: stack, Coro: "App.work", Def: main})
		chain := s.Chain(tracefile.Chain{State: "suspended", On: "gather", Frames: []tracefile.Frame{main, main}})
		for i := range tracefile.TaskID(4) {
			s.Add(tracefile.Event{Time: 100, Kind: tracefile.ProcessStarted, Attrs: tracefile.Attrs{{Key: "pid", Value: "7"}, {Key: "argv", Value: ""}}})
			s.Add(tracefile.Event{Time: 120, Kind: tracefile.TaskSpawned, Task: i + 1, Loop: 2, Site: site})
			s.Add(tracefile.Event{Time: 150, Kind: tracefile.StepBegun, Task: i + 1, Thread: 3})
			s.Add(tracefile.Event{Time: 1 << 50, Kind: tracefile.TaskWaiting, Task: i + 1, Chain: chain})
			s.Add(tracefile.Event{Time: 90, Kind: tracefile.CancelRequested, Task: i + 1, Stack: stack})
			s.Add(tracefile.Event{Time: 150, Kind: tracefile.TaskEnded, Task: i + 1, Number: uint64(i), Name: "Task-12"})
			s.Add(tracefile.Event{Time: 190, Kind: tracefile.CloseBegun, Loop: 2, Attrs: tracefile.Attrs{{Key: "handling_stack", Value: "1"}}})
		}
	}
	return tr
}

// TestPrefix: any prefix of a file yields a prefix of its events, and says that something is missing.
func TestPrefix(t *testing.T) {
	data := pack(t, small())
	tr := small()
	want := lines(t, tr)
	for n := 1; n < len(data); n++ {
		checkPrefix(t, data[:n], want)
	}
}

func TestPrefixOfLarge(t *testing.T) {
	data := pack(t, tracetest.Busy(busySize, 2))
	want := lines(t, tracetest.Busy(busySize, 2))
	least := 0
	for i := 1; i < 16; i++ {
		got := checkPrefix(t, data[:len(data)*i/16], want)
		if got < least {
			t.Errorf("%d/16 of the file yields %d events, less than a shorter part", i, got)
		}
		least = got
	}
	if least < len(want)/2 {
		t.Errorf("15/16 of the file yield %d of %d events", least, len(want))
	}
}

func checkPrefix(t *testing.T, data []byte, want []string) int {
	t.Helper()
	got, health := unpack(t, data)
	if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
		t.Fatalf("%d bytes yield no prefix of the events: %d events", len(data), len(got))
	}
	if !health.Truncated || len(health.Notes) == 0 || health.Events != uint64(len(got)) {
		t.Fatalf("%d bytes: %+v", len(data), health)
	}
	return len(got)
}

// TestBitFlips: a damaged bit costs no more than its frame, and the loss is stated.
func TestBitFlips(t *testing.T) {
	data := pack(t, small())
	want := lines(t, small())
	perFrame := len(want) / 2 // a frame for each stream
	for at := range len(data) {
		checkFlip(t, data, at*8+at%8, want, perFrame)
	}
}

func TestBitFlipsOfLarge(t *testing.T) {
	data := pack(t, tracetest.Busy(busySize, 3))
	want := lines(t, tracetest.Busy(busySize, 3))
	for i := range 16 {
		checkFlip(t, data, len(data)/16*i*8+i*13, want, 30_000)
	}
}

func checkFlip(t *testing.T, data []byte, bit int, want []string, perFrame int) {
	t.Helper()
	damaged := slices.Clone(data)
	damaged[bit/8] ^= 1 << (bit % 8)
	src, err := tracefile.ReadPacked(bytes.NewReader(damaged), int64(len(damaged)))
	if err != nil {
		t.Fatalf("bit %d: %v", bit, err)
	}
	got := lines(t, src)
	if !isSubsequence(got, want) {
		t.Fatalf("bit %d: %d events that were not written", bit, len(got))
	}
	if len(want)-len(got) > perFrame {
		t.Fatalf("bit %d: %d events are lost, %d were in a frame", bit, len(want)-len(got), perFrame)
	}
	if h := src.Health(); len(got) < len(want) && (!h.Truncated || len(h.Notes) == 0) {
		t.Fatalf("bit %d: %d events are lost and nothing says so: %+v", bit, len(want)-len(got), h)
	}
}

// isSubsequence compares names too: definitions that are lost must come from their repetition.
func isSubsequence(got, want []string) bool {
	for _, g := range got {
		i := slices.Index(want, g)
		if i < 0 {
			return false
		}
		want = want[i+1:]
	}
	return true
}

// TestLostEventsAreCounted: the notes say where and how many.
func TestLostEventsAreCounted(t *testing.T) {
	data := pack(t, tracetest.Busy(busySize, 4))
	want := lines(t, tracetest.Busy(busySize, 4))
	data[len(data)/2] ^= 8
	got, health := unpack(t, data)
	note := fmt.Sprintf("a block of %d events is lost", len(want)-len(got))
	if len(health.Notes) != 1 || !strings.Contains(health.Notes[0], note) || !strings.HasPrefix(health.Notes[0], "offset ") {
		t.Errorf("notes %q, want one with %q", health.Notes, note)
	}
}

// TestHole: a hole of zeros, as a crashed file system leaves it, costs what was in it.
func TestHole(t *testing.T) {
	data := pack(t, tracetest.Busy(busySize, 5))
	want := lines(t, tracetest.Busy(busySize, 5))
	clear(data[len(data)/2:][:4096])
	got, health := unpack(t, data)
	if !isSubsequence(got, want) || len(got) < len(want)*2/3 || !health.Truncated {
		t.Errorf("%d of %d events, %+v", len(got), len(want), health)
	}
	clear(data[len(data)-4096:]) // and no index
	got, health = unpack(t, data)
	if !isSubsequence(got, want) || len(got) < len(want)/3 || !health.Truncated {
		t.Errorf("without an index: %d of %d events, %+v", len(got), len(want), health)
	}
}

// TestHealthSurvives: what the recorder's source said is missing is in the packed file.
func TestHealthSurvives(t *testing.T) {
	tr := small()
	tr.Missing = tracefile.Health{Truncated: true, Notes: []string{"a note, with\na line end and a \x1b[2J"}}
	_, health := unpack(t, pack(t, tr))
	if diff := cmp.Diff(tr.Missing.Notes, health.Notes); diff != "" || !health.Truncated {
		t.Errorf("%+v\n%s", health, diff)
	}
}

// TestNewerVersion: a newer version is told apart from a damaged file.
func TestNewerVersion(t *testing.T) {
	data := pack(t, small())
	binary.LittleEndian.PutUint16(data[8:], 9)
	if _, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data))); err != nil {
		t.Errorf("a damaged version: %v", err)
	}
	sumHeader(data)
	_, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	v, ok := err.(*tracefile.VersionError)
	if !ok || v.Found != 9 || v.Supported != 1 {
		t.Errorf("%v", err)
	}
}
