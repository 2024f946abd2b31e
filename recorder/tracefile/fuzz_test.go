package tracefile_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

// typed reports whether an error is one that callers can tell apart.
func typed(err error) bool {
	var format *tracefile.FormatError
	var version *tracefile.VersionError
	return errors.As(err, &format) || errors.As(err, &version)
}

// plain is a trace that is too small to be compressed, so that the fuzzer gets at its rows.
func plain() *tracetest.Trace {
	tr := &tracetest.Trace{}
	s := tr.Stream()
	stack := s.Stack(tracefile.Frame{File: "f", Line: 1})
	s.Add(tracefile.Event{Time: 1, Kind: tracefile.TaskSpawned, Task: 1, Site: s.Site(tracefile.Site{Stack: stack})})
	s.Add(tracefile.Event{Time: 9, Kind: tracefile.StepBegun, Task: 1})
	s.Add(tracefile.Event{Time: 5000, Kind: tracefile.TaskWaiting, Task: 1, Chain: s.Chain(tracefile.Chain{On: "x"})})
	s.Add(tracefile.Event{Time: 9000, Kind: tracefile.TaskEnded, Task: 1, Number: 2, Name: "n"})
	s.Add(tracefile.Event{Time: 9000, Kind: tracefile.LoopSet, Attrs: tracefile.Attrs{{Key: "k", Value: "v"}}})
	return tr
}

// FuzzOpen: no packed file panics, and what is read from one is the same after it was packed again.
func FuzzOpen(f *testing.F) {
	data := pack(f, small())
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(pack(f, tracetest.Busy(50, 1)))
	f.Add(pack(f, plain()))
	f.Add(pack(f, lanes()))
	f.Fuzz(func(t *testing.T, data []byte) {
		checkPacked(t, data)
		checkPacked(t, repair(slices.Clone(data)))
	})
}

// lanes is a trace of a process with lanes.
func lanes() *tracetest.Trace {
	tr := &tracetest.Trace{}
	s := tr.Stream()
	s.Chain(tracefile.Chain{State: "suspended", On: "x"})
	s.Site(tracefile.Site{Coro: "f"})
	for _, e := range []tracefile.Event{
		{Kind: tracefile.ProcessStarted, Attrs: tracefile.Attrs{{Key: "lanes", Value: "task"}}},
		{Time: 5, Kind: tracefile.TaskSpawned, Task: 1, Loop: 1, Site: 1, Name: "a"},
		{Time: 6, Kind: tracefile.StepBegun, Task: 1},
		{Time: 7, Kind: tracefile.TaskSpawned, Task: 2, Loop: 1, Site: 1, Number: 1, Name: "a"},
		{Time: 8, Kind: tracefile.StepBegun, Task: 2},
		{Time: 9, Kind: tracefile.StepEnded, Task: 1, Chain: 1},
		{Time: 10, Kind: tracefile.StepEnded, Task: 2},
		{Time: 11, Kind: tracefile.TaskEnded, Task: 2, Number: tracefile.OutcomeReturned},
		{Time: 12, Kind: tracefile.TaskEnded, Task: 1, Number: tracefile.OutcomeCancelled},
	} {
		s.Add(e)
	}
	return tr
}

// repair makes the checksums of a damaged file right again, as somebody who wants to do harm would.
func repair(data []byte) []byte {
	table := crc32.MakeTable(crc32.Castagnoli)
	le := binary.LittleEndian
	for at := 16; at+40 <= len(data); {
		if !bytes.HasPrefix(data[at:], []byte("\xf7lt\xc5")) {
			at++
			continue
		}
		head := data[at : at+40]
		size := int(le.Uint32(head[20:]))
		if size <= len(data)-at-40 {
			le.PutUint32(head[32:], crc32.Checksum(data[at+40:][:size], table))
			le.PutUint32(head[36:], crc32.Checksum(head[:36], table))
		}
		at += 40
	}
	if n := len(data) - 24; n > 0 && bytes.HasPrefix(data[n:], []byte("ltindex\n")) {
		le.PutUint32(data[n+20:], crc32.Checksum(data[n:n+20], table))
	}
	return data
}

func checkPacked(t *testing.T, data []byte) {
	t.Helper()
	src, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if !typed(err) {
			t.Fatalf("%T %v", err, err)
		}
		return
	}
	for _, a := range src.Attachments() {
		if a.Size > int64(len(data)) {
			t.Fatalf("an attachment of %d bytes in %d bytes", a.Size, len(data))
		}
		readAttached(a) //nolint:errcheck // damaged ones end early
	}
	first, _ := tracetest.Lines(src)
	if len(first) > 16*len(data) {
		t.Fatalf("%d events from %d bytes", len(first), len(data))
	}
	again, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	second, _ := unpack(t, pack(t, again))
	if src.Health().Truncated { // what is known of a hole depends on what is asked
		if len(first) != len(second) {
			t.Fatalf("%d events, after packing %d", len(first), len(second))
		}
		return
	}
	if !slices.Equal(first, second) {
		t.Fatalf("packed again (-first +again):\n%s", cmp.Diff(first, second))
	}
}

// FuzzSpool: no spool panics, and its text twin and packed form say the same.
func FuzzSpool(f *testing.F) {
	for _, name := range []string{"parent", "child"} {
		facts, err := os.ReadFile(filepath.Join("testdata", "spool", name+".facts"))
		if err != nil {
			f.Fatal(err)
		}
		slots, err := os.ReadFile(filepath.Join("testdata", "spool", name+".slots"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(facts, slots, []byte("=code 1 file=/a.py line=0 function=f qualname=f\n=stack 1 1:2\n1 5 step_sampled thread=0 stack=1 state=S\n2 9 note_added text=x\n"))
	}
	f.Add([]byte(lanesFacts), lanesSlots(), []byte{})
	f.Fuzz(func(t *testing.T, facts, slots, samples []byte) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{"5-a.facts": facts, "5-a.0.slots": slots, "6-b.facts": facts, "6-b.1.slots": slots, "5-a.samples": samples} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		open := func() tracefile.Source {
			src, err := tracefile.OpenSpool(dir, tracefile.SpoolOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { src.Close() })
			return src
		}
		want := lines(t, open())
		got, _ := unpack(t, pack(t, open()))
		if !slices.Equal(got, want) {
			t.Fatalf("packed (-spool +packed):\n%s", cmp.Diff(want, got))
		}
	})
}

// FuzzText: no text panics; what is read is the same after it was written.
func FuzzText(f *testing.F) {
	f.Add("looptrace 1\n=run started_ns=5\n=stack 1 a:1:b,c:2:d:e:f\n=site 1 stack=1 def=a:1\n=chain 1 on=x -\n5 task_spawned site=1 chain=1 stack=1\n=note text=x\n")
	f.Add("# c\nlooptrace 1\n0 task_spawned at=a:1:b coro=c def=d:1\n1 live_task await=a:1:f on=x awaited_by=a,b\n2 close_begun handling_stack=a:1:b\n=health dropped=1 truncated=1\n")
	f.Fuzz(func(t *testing.T, text string) {
		read := func(text string) ([]string, string, error) {
			src, err := tracefile.ReadText(strings.NewReader(text))
			if err != nil {
				return nil, "", err
			}
			lines, err := tracetest.Lines(src)
			if err != nil {
				return nil, "", err
			}
			src, err = tracefile.ReadText(strings.NewReader(text))
			if err != nil {
				return nil, "", err
			}
			var b strings.Builder
			err = tracefile.WriteText(&b, src)
			return lines, b.String(), err
		}
		want, written, err := read(text)
		if err != nil {
			if !typed(err) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		got, _, err := read(written)
		if err != nil {
			t.Fatalf("%v in\n%s", err, written)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q\nwant %q", got, want)
		}
	})
}
