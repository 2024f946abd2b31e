package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Who wakes whom is recorded on every CPython where it is asked for, and only there; a child is asked like its parent.
func TestWakeups(t *testing.T) {
	ar, err := txtar.ParseFile("../../testdata/traces/wakeups.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	app := filepath.Join(dir, "app.py")
	if err := os.WriteFile(app, ar.Files[0].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	child := filepath.Join(dir, "child.py")
	text := "import os, subprocess, sys\nassert not [k for k in os.environ if 'LOOPTRACE' in k and not k.endswith('_PYTHONS')]\n" +
		"subprocess.run([sys.executable, sys.argv[1]], env={})\n"
	if err := os.WriteFile(child, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, python := range pythonsHere(t) {
		for _, flags := range []string{"", "--wakeups"} {
			trace := filepath.Join(dir, "t.ltrace")
			args := append(strings.Fields("run -q -f "+flags+" -o "+trace), "--", python, child, app)
			if code, _, stderr := runLooptrace(t, ".", args...); code != 0 {
				t.Fatalf("%s: status %d: %s", python, code, stderr)
			}
			_, events, _ := runLooptrace(t, ".", "events", trace)
			if n := strings.Count(events, " task_woken "); flags != "" && n < 5 || flags == "" && n > 0 {
				t.Errorf("%s %s: %d wake-ups", python, flags, n)
			}
			_, story, _ := runLooptrace(t, ".", "task", trace, "producer")
			if told := strings.Contains(story, " woke it for the last time: what it waited for was done."); told != (flags != "") {
				t.Errorf("%s %s:\n%s", python, flags, story)
			}
		}
	}
}
