package tracefile_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

// TestGoldenTraces: what was recorded says the same as text, packed, and as text again. Every kind of event occurs in one of
// the traces.
func TestGoldenTraces(t *testing.T) {
	files, err := filepath.Glob("../../testdata/traces/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden traces", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "trace" {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { roundTrip(t, f.Data, seen) })
			}
		}
	}
	for _, k := range allKinds() {
		if !seen[k.String()] {
			t.Errorf("no golden trace has %s", k)
		}
	}
}

func roundTrip(t *testing.T, text []byte, seen map[string]bool) {
	open := func(text []byte) tracefile.Source {
		src, err := tracefile.ReadText(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	want, err := tracetest.Lines(open(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range want {
		for _, word := range strings.Fields(line)[:3] {
			seen[word] = true
		}
	}
	packed := pack(t, open(text))
	got, _ := unpack(t, packed)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("packed (-text +packed):\n%s", diff)
	}
	src, err := tracefile.ReadPacked(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := tracefile.WriteText(&again, src); err != nil {
		t.Fatal(err)
	}
	if got, err = tracetest.Lines(open(again.Bytes())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("as text again (-text +text):\n%s", diff)
	}
}
