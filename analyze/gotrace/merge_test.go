package gotrace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// spool makes a spool of one process with facts, to which a trace is attached.
func spool(t *testing.T, data []byte, facts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"7-ab.facts":   strings.Join(facts, "\n") + "\n",
		"7-ab.gotrace": string(data),
		"run.meta":     "=run command=[\"app\"] started_at=1000 started_ns=1 pid=7\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(recorded(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// span returns the times of the first and the last event of a trace.
func span(t *testing.T, path string) (first, last int64) {
	t.Helper()
	f, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		e, err := f.Next()
		if errors.Is(err, io.EOF) {
			return first, last
		}
		if first == 0 {
			first = e.Time
		}
		if e.Time < last {
			t.Errorf("%s: %v after %d", path, e, last)
		}
		last = e.Time
	}
}

// A trace that is attached to the records of its process tells the same as the trace alone, in the stream of the process and
// in order of time; what is live at the end of the process is told with it.
func TestAttached(t *testing.T) {
	raw := build(t, recorded("waits-go1.26.trace"), Options{})
	first, last := span(t, recorded("waits-go1.26.trace"))
	want := programs(raw.Processes[0].Exit.Live)
	for _, c := range []struct{ name, started, more string }{
		{"facts alone", "recorder=runtime/trace", ""},
		{"with a recorder", "recorder=go lanes=task runtime=go1.26.8", "loop_opened loop=1 class=mailer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			facts := []string{fmt.Sprintf("1 %d process_started pid=7 ppid=1 cwd=/app %s", first-1000, c.started)}
			if c.more != "" {
				facts = append(facts, fmt.Sprintf("2 %d %s", first+1000, c.more))
			}
			facts = append(facts, fmt.Sprintf("%d %d process_ending reason=exit code=0", len(facts)+1, last+5000))
			dir := spool(t, read(t, "waits-go1.26.trace"), facts...)
			span(t, dir)
			run := build(t, dir, Options{})
			if len(run.Processes) != 1 || run.Processes[0].PID != 7 {
				t.Fatalf("processes %+v", run.Processes)
			}
			p := run.Processes[0]
			if diff := cmp.Diff(want, programs(p.Exit.Live)); diff != "" {
				t.Errorf("live at the end:\n%s", diff)
			}
			if !p.Exit.LiveExact || p.Exit.Code == nil || !p.Go() || run.Health.Truncated {
				t.Errorf("exit %+v, runtime %s, health %+v", p.Exit, p.Runtime, run.Health)
			}
			for _, l := range p.Exit.Live {
				if l.At != nil && l.At.Function == "main.receives" && (l.Task.Parent == nil || l.Task.Site.At == nil || l.Task.Site.At.Function != "main.start") {
					t.Errorf("parent %v, site %+v", l.Task.Parent, l.Task.Site)
				}
			}
			if i := slices.IndexFunc(run.Loops, func(l *analyze.Loop) bool { return l.Class == "mailer" }); (i >= 0) != (c.more != "") {
				t.Errorf("loops %v", run.Loops)
			}
			samePacked(t, dir, p)
		})
	}
}

// samePacked checks that a spool tells the same once it is packed.
func samePacked(t *testing.T, dir string, p *analyze.Process) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "packed")
	if err := tracefile.Pack(dir, path); err != nil {
		t.Fatal(err)
	}
	packed := build(t, path, Options{})
	if diff := cmp.Diff(programs(p.Exit.Live), programs(packed.Processes[0].Exit.Live)); diff != "" {
		t.Errorf("packed:\n%s", diff)
	}
}

// What is missing before the end of a process is told.
func TestAttachedCut(t *testing.T) {
	first, last := span(t, recorded("closes.trace"))
	data := read(t, "closes.trace")
	facts := []string{
		fmt.Sprintf("1 %d process_started pid=7 recorder=runtime/trace", first-1),
		fmt.Sprintf("2 %d process_ending reason=exit code=0", last),
	}
	run := build(t, spool(t, data[:len(data)-200], facts...), Options{CloseFuncs: []string{"*.Close", "*.Stop"}})
	notes := strings.Join(run.Health.Notes, "\n")
	for _, want := range []string{"process 7: the Go execution trace is damaged or cut off after 0.1", "process 7: the last 0.0", "*.Stop was not seen"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in the notes:\n%s", want, notes)
		}
	}
	if !run.Health.Truncated || len(run.Closes) == 0 || len(run.Processes[0].Exit.Live) == 0 {
		t.Errorf("truncated %v, %d closes, %d live", run.Health.Truncated, len(run.Closes), len(run.Processes[0].Exit.Live))
	}
	run = build(t, spool(t, []byte("no trace at all, of no version"), facts...), Options{})
	if notes := strings.Join(run.Health.Notes, "\n"); !run.Health.Truncated || !strings.Contains(notes, "process 7: its Go execution trace cannot be read") {
		t.Errorf("notes: %s", notes)
	}
}
