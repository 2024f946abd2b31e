package gotrace

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// maxTestEvents bounds what a damaged trace of some kB can say.
const maxTestEvents = 1 << 20

// readBytes reads all that there is in a trace, or in what may be one.
func readBytes(t testing.TB, data []byte) (events []string, h tracefile.Health, ok bool) {
	t.Helper()
	src, err := newSource(bytes.NewReader(data), int64(len(data)), settings{Options: Options{CloseFuncs: []string{"*.Close"}, At: []int64{1e6}}})
	if err != nil {
		return nil, h, false
	}
	events = lines(src)
	if len(events) > maxTestEvents {
		t.Errorf("%d events from %d bytes", len(events), len(data))
	}
	if _, err := src.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	return events, src.Health(), true
}

// older reports whether an event tells of a goroutine that is older than the trace, at its beginning.
func opening(line string) bool {
	return strings.Contains(line, tracefile.ProcessStarted.String()) || strings.Contains(line, tracefile.LoopOpened.String()) ||
		strings.Contains(line, tracefile.TaskWaiting.String())
}

// A trace that is cut off is told of up to the cut, in whole generations, exactly as the whole one; and that it is cut.
func TestCutAnywhere(t *testing.T) {
	for _, name := range []string{"closes.trace", "late-go1.23.trace", "late-go1.21.trace", "waits-go1.22.trace"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(recorded(name))
			if err != nil {
				t.Fatal(err)
			}
			whole, _, _ := readBytes(t, data)
			step := max(1, len(data)/500)
			most := 0
			for cut := 0; cut < len(data); cut += step {
				part, h, ok := readBytes(t, data[:cut])
				if !ok {
					continue
				}
				if !h.Truncated && len(part) < len(whole) {
					t.Fatalf("cut at %d: the loss is not stated: %d of %d events", cut, len(part), len(whole))
				}
				if name != "late-go1.21.trace" { // its stacks come last
					isPrefix(t, cut, part, whole)
				}
				most = max(most, len(part))
			}
			if name == "closes.trace" && most < len(whole)/2 {
				t.Errorf("at most %d of %d events were saved", most, len(whole))
			}
		})
	}
}

// isPrefix checks that the events of a damaged trace are those of the whole one. Goroutines that are older than it may be
// missing, and come late.
func isPrefix(t *testing.T, cut int, part, whole []string) {
	t.Helper()
	part = slices.DeleteFunc(slices.Clone(part), opening)
	whole = slices.DeleteFunc(slices.Clone(whole), opening)
	// What was live at the end is told of where the trace ends.
	for i := range part {
		if i >= len(whole) || part[i] != whole[i] {
			t.Fatalf("cut at %d: event %d of %d is\n%s\n, not\n%s", cut, i, len(part), part[i], whole[min(i, len(whole)-1)])
		}
	}
}

// A trace with a byte that is wrong is read without a panic, and all facts are made of it; generations before it are as ever.
func TestWrongBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"closes.trace", "late-go1.23.trace", "waits-go1.21.trace", "tests.trace"} {
		data, err := os.ReadFile(recorded(name))
		if err != nil {
			t.Fatal(err)
		}
		for range 150 {
			bad := slices.Clone(data)
			for range 1 + rng.IntN(3) {
				bad[16+rng.IntN(len(bad)-16)] ^= byte(1 << rng.IntN(8))
			}
			src, err := newSource(bytes.NewReader(bad), int64(len(bad)), settings{Options: Options{CloseFuncs: []string{"*.Close"}, At: []int64{1e6}}})
			if err != nil {
				continue
			}
			if _, err := analyze.Build(src, analyze.Options{}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Zeros in the middle of a trace of several generations cost those only that come after.
func TestZeros(t *testing.T) {
	data, err := os.ReadFile(recorded("closes.trace"))
	if err != nil {
		t.Fatal(err)
	}
	whole, _, _ := readBytes(t, data)
	bad := slices.Clone(data)
	clear(bad[len(bad)*4/5 : len(bad)*4/5+64])
	part, h, _ := readBytes(t, bad)
	if !h.Truncated || len(part) < len(whole)/4 || len(part) == len(whole) {
		t.Errorf("%d of %d events, truncated %v", len(part), len(whole), h.Truncated)
	}
	if notes := strings.Join(h.Notes, "\n"); !strings.Contains(notes, "damaged or cut off after 0.") {
		t.Errorf("notes: %s", notes)
	}
}

func FuzzSource(f *testing.F) {
	for _, name := range []string{"late-go1.21.trace", "late-go1.22.trace", "late-go1.26.trace", "closes.trace", "tests.trace"} {
		data, err := os.ReadFile(recorded(name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("go 1.26 trace\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		readBytes(t, data)
		src, err := newSource(bytes.NewReader(data), int64(len(data)), settings{})
		if err != nil {
			return
		}
		if _, err := analyze.Build(src, analyze.Options{}); err != nil {
			t.Fatal(err)
		}
	})
}
