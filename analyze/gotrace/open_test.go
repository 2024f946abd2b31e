package gotrace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// recorded is a trace of testdata.
func recorded(name string) string { return filepath.Join("..", "..", "testdata", "gotraces", name) }

// build opens a trace and rebuilds its run.
func build(t *testing.T, path string, o Options) *analyze.Run {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := analyze.Build(f, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// The text twin of a Go trace has all of it: read back, it is the same.
func TestTextTwin(t *testing.T) {
	for _, name := range []string{"waits-go1.21.trace", "late-go1.22.trace", "late-go1.26.trace", "closes.trace", "tests.trace"} {
		t.Run(name, func(t *testing.T) {
			f, err := Open(recorded(name), Options{CloseFuncs: []string{"*.Close"}, At: []int64{1e6}})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var first, second bytes.Buffer
			if err := tracefile.WriteText(&first, f); err != nil {
				t.Fatal(err)
			}
			twin := filepath.Join(t.TempDir(), "twin.txt")
			if err := os.WriteFile(twin, first.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			text, err := Open(twin, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer text.Close()
			if err := tracefile.WriteText(&second, text); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first.String(), second.String()); diff != "" {
				t.Errorf("the text twin differs from its own:\n%s", diff)
			}
			if text.Format != tracefile.FormatText || f.Format != tracefile.FormatGo {
				t.Errorf("formats %s, %s", f.Format, text.Format)
			}
		})
	}
}

func TestOpenOthers(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"empty": "", "short": "go 1.26", "no trace": "go 1.26 is out, says the news of today"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, Options{})
		if err == nil {
			f.Close()
			t.Errorf("%s: no error", name)
			continue
		}
		if _, other := tracefile.Open(path); other == nil || other.Error() != err.Error() {
			t.Errorf("%s: %v, tracefile.Open says %v", name, err, other)
		}
	}
	future := filepath.Join(dir, "future")
	if err := os.WriteFile(future, []byte("go 1.99 trace\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(future, Options{}); !errors.Is(err, tracefile.ErrNotTrace) || !strings.Contains(err.Error(), "1.99") {
		t.Errorf("a version that is not known: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "missing"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// lines are the events of a source, with tasks by their names: numbers depend on which ones were told of before.
func lines(src tracefile.Source) []string {
	var out []string
	names := map[tracefile.TaskID]string{}
	for {
		e, err := src.Next()
		if err == io.EOF {
			return out
		}
		if e.Name != "" && e.Task != 0 && (e.Kind == tracefile.TaskSpawned || e.Kind == tracefile.TaskWaiting) {
			names[e.Task] = e.Name
		}
		line := fmt.Sprint(e.Time, e.Kind, e.Thread, names[e.Task], e.Loop, e.Name, e.Attrs)
		if e.Kind == tracefile.TaskSpawned {
			site := src.Site(e.Site)
			line += fmt.Sprint(names[tracefile.TaskID(e.Number)], src.Stack(site.Stack), site.Coro, site.Def)
		}
		if e.Stack != 0 {
			line += fmt.Sprint(src.Stack(e.Stack))
		}
		if e.Chain != 0 {
			line += fmt.Sprint(src.Chain(e.Chain))
		}
		out = append(out, line)
	}
}
