package recorder_test

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// onLinux skips what needs a recording.
func onLinux(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("programs are recorded on Linux only")
	}
}

// open returns a Recorder that writes to a directory of the test.
func open(t testing.TB, opts ...recorder.Option) (*recorder.Recorder, string) {
	t.Helper()
	onLinux(t)
	dir := t.TempDir()
	r, err := recorder.Open(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, dir
}

func spool(t testing.TB, dir string) *tracefile.Spool {
	t.Helper()
	src, err := tracefile.OpenSpool(dir, tracefile.SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	return src
}

// text returns what was recorded, as text.
func text(t testing.TB, dir string) string {
	t.Helper()
	var b bytes.Buffer
	if err := tracefile.WriteText(&b, spool(t, dir)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// facts returns what the analyzer makes of what was recorded.
func facts(t testing.TB, dir string) *analyze.Run {
	t.Helper()
	run, err := analyze.Build(spool(t, dir), analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range run.Health.Notes {
		if !strings.Contains(note, "run.meta is missing") && !strings.Contains(note, "the launcher did not see") {
			t.Errorf("the recording has a flaw: %s", note)
		}
	}
	return run
}

// events returns the lines of one kind.
func events(t testing.TB, dir, kind string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(text(t, dir)) {
		if strings.Contains(line, " "+kind+" ") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

func files(t testing.TB, dir, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// facts1 returns the only process, in a recording that has a flaw.
func facts1(t testing.TB, dir string) *analyze.Process {
	t.Helper()
	run, err := analyze.Build(spool(t, dir), analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run.Processes[0]
}

// heap returns how many bytes are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
