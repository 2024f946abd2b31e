package python

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// interpreters returns $LOOPTRACE_PYTHONS, else pyenv's CPython from 3.8 on, else the python3 on the PATH.
func interpreters(t *testing.T) []string {
	t.Helper()
	if list := os.Getenv("LOOPTRACE_PYTHONS"); list != "" {
		return strings.Split(list, ":")
	}
	home, _ := os.UserHomeDir()
	found, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.*", "bin", "python"))
	var out []string
	for _, p := range append(found, "python3") {
		if exec.Command(p, "-c", "import sys; sys.exit(sys.version_info < (3, 8))").Run() == nil {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		t.Skip("skipped: no Python 3.8 or later is here")
	}
	return out
}

// environment is what a program is started with; spool "" leaves the recorder out.
func environment(t *testing.T, recorder, spool string) []string {
	t.Helper()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONHASHSEED=0"}
	if spool != "" {
		env = append(env, "PYTHONPATH="+recorder, "LOOPTRACE_RECORDER_DIR="+recorder, "LOOPTRACE_SPOOL="+spool)
	}
	return env
}

// extracted returns a directory with the embedded recorder.
func extracted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, FS()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestNothingIsVisible: what a program can see of its interpreter and of asyncio is the same with the recorder: identities,
// signatures, sources, tracebacks, stack depth, reference counts, modules, environment.
func TestNothingIsVisible(t *testing.T) { sameAsPlain(t, "visible.py") }

// TestObjectsAreTheSame: tasks, handles, futures, loops and locks, their references, what is queued, stacks and tracebacks.
func TestObjectsAreTheSame(t *testing.T) { sameAsPlain(t, "objects.py") }

// TestSurroundingsAreTheSame: modules, their namespaces, environment, descriptors, threads, hooks, signals, children, a fork.
func TestSurroundingsAreTheSame(t *testing.T) { sameAsPlain(t, "surroundings.py") }

// TestCollectionIsTheSame: the order in which tasks and what they hold are finalised, and that nothing is kept of past loops.
func TestCollectionIsTheSame(t *testing.T) { sameAsPlain(t, "collected.py") }

// TestTracingToolsSeeNothing: what coverage and debuggers are told of is from no file.
func TestTracingToolsSeeNothing(t *testing.T) { sameAsPlain(t, "traced.py") }

// TestAlarmsComeOut: what a signal handler raises while a hook runs is not taken for an error of the hook.
func TestAlarmsComeOut(t *testing.T) {
	recorder := extracted(t)
	for _, python := range interpreters(t) {
		cmd := exec.Command(python, filepath.Join("tests", "alarms.py"))
		cmd.Env = environment(t, recorder, t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != "alarms True lost False\n" {
			t.Errorf("%s: %v\n%s", python, err, out)
		}
	}
}

// TestWakeupsAreNotVisible: nor is it when wake-ups are recorded.
func TestWakeupsAreNotVisible(t *testing.T) {
	for _, program := range []string{"visible.py", "objects.py", "surroundings.py", "collected.py"} {
		sameAsPlain(t, program, "LOOPTRACE_RECORD=wakeups")
	}
}

// TestMocksAreNotCalled: the recorder calls none of the functions that a program puts into os, gc, sys, time and signal.
func TestMocksAreNotCalled(t *testing.T) { sameAsPlain(t, "mocked.py") }

// sameAsPlain runs a program of the directory tests without and with the recorder, which gets the variables: twice, for the
// kept templates.
func sameAsPlain(t *testing.T, program string, variables ...string) {
	t.Helper()
	recorder := extracted(t)
	for _, python := range interpreters(t) {
		run := func(spool string) string {
			cmd := exec.Command(python, filepath.Join("tests", program))
			cmd.Env = environment(t, recorder, spool)
			if spool != "" {
				cmd.Env = append(cmd.Env, variables...)
			}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%s: %v\n%s", python, err, out)
			}
			return string(out)
		}
		want := strings.Split(run(""), "\n")
		for range 2 {
			spool := t.TempDir()
			got := strings.Split(run(spool), "\n")
			for i := 0; i < len(want) || i < len(got); i++ {
				if i >= len(want) || i >= len(got) || want[i] != got[i] {
					t.Fatalf("%s: line %d differs:\nplain    %q\nrecorded %q", python, i+1, want[i:], got[i:])
				}
			}
			facts, _ := filepath.Glob(filepath.Join(spool, "*.facts"))
			var text []byte
			for _, file := range facts {
				more, _ := os.ReadFile(file)
				text = append(text, more...)
			}
			if strings.Contains(string(text), " note_added ") || !strings.Contains(string(text), " run_ended ") {
				t.Errorf("%s: not recorded as it should be:\n%s", python, text)
			}
		}
	}
}

// TestNoValueIsRecorded: the words of an exception are the program's unless asyncio itself said them.
func TestNoValueIsRecorded(t *testing.T) {
	recorder := extracted(t)
	for _, python := range interpreters(t) {
		spool := t.TempDir()
		cmd := exec.Command(python, filepath.Join("tests", "secrets.py"))
		cmd.Env = environment(t, recorder, spool)
		cmd.Run() // it fails, as it is meant to
		facts, _ := filepath.Glob(filepath.Join(spool, "*.facts"))
		if len(facts) != 1 {
			t.Fatalf("%s: %d processes recorded", python, len(facts))
		}
		text, _ := os.ReadFile(facts[0])
		if strings.Contains(string(text), "Q4711Z") || !strings.Contains(string(text), "uncaught=") {
			t.Errorf("%s recorded:\n%s", python, text)
		}
	}
}
