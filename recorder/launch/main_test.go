package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

const (
	helperVar = "LAUNCH_TEST_OUTPUT" // set: this process is a launcher for its arguments, not a test
	forceVar  = "LAUNCH_TEST_FORCE"
)

// fakeRecorder reports in like the real one and records nothing else.
var fakeRecorder = fstest.MapFS{
	"sitecustomize.py": {Data: []byte(`
import os, fake
d = os.environ["LOOPTRACE_SPOOL"]
try:
    with open("%s/%d-0.facts" % (d, os.getpid()), "w") as f:
        f.write("1 1 process_started pid=%d\n" % os.getpid())
except (IOError, OSError):
    pass
`)},
	"fake/__init__.py": {Data: []byte("")},
	"fake/_inner.py":   {Data: []byte("")},
}

// heedSignals makes what the tests start get the signals that are ignored here, under nohup or in the background of a shell:
// that is inherited, and the tests would wait for ever.
func heedSignals() {
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
}

// TestMain makes this binary a launcher when helperVar is set, so that tests can signal one and look at its end.
func TestMain(m *testing.M) {
	output, helper := os.LookupEnv(helperVar)
	if !helper {
		heedSignals()
		os.Exit(m.Run())
	}
	_, force := os.LookupEnv(forceVar)
	env := without(os.Environ(), helperVar, forceVar)
	out, err := Run(context.Background(), Options{
		Command: os.Args[1:], Output: output, Force: force, RecorderFS: fs.FS(fakeRecorder),
		Files: [3]*os.File{os.Stdin, os.Stdout, os.Stderr}, Environ: env,
	})
	var start *StartError
	if errors.As(err, &start) {
		fmt.Fprintln(os.Stderr, "launch:", err)
		os.Exit(start.Code)
	}
	for _, n := range out.Notes {
		fmt.Fprintln(os.Stderr, "launch:", n)
	}
	if out.Shared {
		Die(out.Signal)
	}
	os.Exit(out.ExitCode)
}

// launcher returns a command that runs args under a launcher writing to t.ltrace in a directory of its own.
func launcher(t *testing.T, args ...string) (cmd *exec.Cmd, dir string) {
	t.Helper()
	dir = t.TempDir()
	cmd = exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), helperVar+"=t.ltrace", "XDG_CACHE_HOME="+t.TempDir())
	return cmd, dir
}

// output runs cmd and returns what it wrote and its status, which is negative if a signal ended it.
func output(t *testing.T, cmd *exec.Cmd) (stdout, stderr string, status int) {
	t.Helper()
	return outputDuring(t, cmd, func(int) {})
}

// outputDuring is output, and act is called with the process id while cmd runs.
func outputDuring(t *testing.T, cmd *exec.Cmd, act func(pid int)) (stdout, stderr string, status int) {
	t.Helper()
	var so, se bytes.Buffer
	cmd.Stdout, cmd.Stderr = &so, &se
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	act(cmd.Process.Pid)
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return so.String(), se.String(), statusOf(cmd)
}

func statusOf(cmd *exec.Cmd) int {
	ws := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		return -int(ws.Signal())
	}
	return ws.ExitStatus()
}

func needPython(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3")
	}
	return path
}

// leftovers are the files that a run left beside its trace.
func leftovers(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "t.ltrace" {
			names = append(names, e.Name())
		}
	}
	return names
}

func write(t *testing.T, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantContains(t *testing.T, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("got %q, want %q in it", got, want)
	}
}
