//go:build linux

package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// goProgram builds a program of testdata/gorecorder.
func goProgram(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	path := filepath.Join(t.TempDir(), name)
	build := exec.Command("go", "build", "-o", path, "./"+name)
	build.Dir = filepath.Join("..", "..", "testdata", "gorecorder")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// A program that imports the recorder is recorded under looptrace run, and is the same program without it.
func TestRunGoRecorder(t *testing.T) {
	program := goProgram(t, "pool")
	plain, err := exec.Command(program).CombinedOutput()
	if err != nil || strings.Count(string(plain), "done:") != 4 {
		t.Fatalf("%v\n%s", err, plain)
	}
	trace := filepath.Join(t.TempDir(), "pool.ltrace")
	var stdout, stderr bytes.Buffer
	run := exec.Command(looptraceBinary(t), "run", "-o", trace, "--", program)
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if got := strings.Count(stdout.String(), "done:"); got != 4 || strings.Count(stdout.String(), "\n") != 4 {
		t.Errorf("the program printed\n%s", stdout.String())
	}
	if !strings.Contains(stderr.String(), "error[pending-at-close]: loop pool was closed while 3 tasks") {
		t.Errorf("looptrace says\n%s", stderr.String())
	}
	checkPool(t, trace)
}

func checkPool(t *testing.T, trace string) {
	t.Helper()
	file, err := tracefile.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	facts, err := analyze.Build(file, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	result := rule.Check(facts, "test")
	if len(result.Findings) != 1 || result.Findings[0].Rule != "pending-at-close" {
		t.Errorf("findings are %+v, want one of pending-at-close", result.Findings)
	}
	if len(facts.Closes) != 1 || len(facts.Closes[0].Live) != 3 {
		t.Fatalf("closes are %+v, want one with three live tasks", facts.Closes)
	}
	c := facts.Closes[0]
	if c.At == nil || c.At.Function != "main.(*pool).close" || !strings.Contains(c.At.Text, "p.loop.Close()") {
		t.Errorf("closed at %+v", c.At)
	}
	for _, live := range c.Live {
		task := live.Task
		if task.Name != "worker" || task.Site.Coro != "main.(*pool).work" || task.Site.At == nil || !strings.Contains(task.Site.At.Text, "p.loop.Go(") {
			t.Errorf("a task is %q of %s, made at %+v", task.Name, task.Site.Coro, task.Site.At)
		}
		if live.State != "suspended" || live.On.Kind != "chan-receive" || live.At == nil || !strings.Contains(live.At.Text, "range p.jobs") {
			t.Errorf("task %d is %s on %s at %+v", task.ID, live.State, live.On.Kind, live.At)
		}
	}
}
