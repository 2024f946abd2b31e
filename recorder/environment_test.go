//go:build linux

package recorder_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder"
)

// works is a program that prints and ends as it does without a recording.
func works() {
	r := recorder.FromEnv()
	if os.Getenv("LOOPTRACE_TEST_CHDIR") != "" {
		_ = os.Chdir(os.Getenv("LOOPTRACE_TEST_CHDIR"))
	}
	l := r.Loop("loop")
	if os.Getenv("LOOPTRACE_TEST_REMOVE") != "" {
		_ = os.RemoveAll(os.Getenv("LOOPTRACE_SPOOL"))
	}
	l.Run()
	for range 5_000 {
		_, t := l.Task(context.Background(), "task")
		t.Start()
		t.Wait("reply")
		t.Done(nil)
	}
	done := make(chan bool)
	l.Go(context.Background(), "go", func(context.Context) { close(done) })
	<-done
	_, _ = l.Task(context.Background(), "left")
	l.Stop()
	l.Close()
	_ = r.Close()
	_, _ = os.Stdout.WriteString("worked\n")
	os.Exit(7)
}

// Wherever the recording is to go to, the program prints nothing of it and ends as it would.
func TestProgramComesFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spool, limits, chdir, remove string
		kilobytes                    int // of the disk
	}{
		"none":            {},
		"good":            {spool: t.TempDir()},
		"missing":         {spool: filepath.Join(t.TempDir(), "missing")},
		"a file":          {spool: file},
		"a device":        {spool: "/dev/full"},
		"/proc":           {spool: "/proc"},
		"with NUL":        {spool: "a\nb"},
		"long":            {spool: strings.Repeat("x", 5000)},
		"removed":         {spool: t.TempDir(), remove: "1"},
		"few files":       {spool: t.TempDir(), limits: "ulimit -n 8"},
		"small files":     {spool: t.TempDir(), limits: "ulimit -f 80"},
		"tiny files":      {spool: t.TempDir(), limits: "ulimit -f 1"},
		"no files at all": {spool: t.TempDir(), limits: "ulimit -f 0"},
		"little memory":   {spool: t.TempDir(), limits: "ulimit -v 1000000"},
		"elsewhere":       {spool: t.TempDir(), chdir: "/"},
		"full":            {kilobytes: 4},
		"nearly full":     {kilobytes: 150},
		"ignored SIGXFSZ": {spool: t.TempDir(), limits: "trap '' XFSZ; ulimit -f 80"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.kilobytes > 0 {
				c.spool = smallDisk(t, c.kilobytes)
			}
			env := append(os.Environ(), "LOOPTRACE_SPOOL=", childRole+"=works", "LOOPTRACE_TEST_CHDIR="+c.chdir, "LOOPTRACE_TEST_REMOVE="+c.remove)
			run := func(env []string) (string, error) {
				cmd := exec.Command("sh", "-c", c.limits+"\nexec \"$0\"", os.Args[0])
				cmd.Env = env
				out, err := cmd.CombinedOutput()
				return fmt.Sprintf("%s%d", out, cmd.ProcessState.ExitCode()), err
			}
			if got, err := run(env); got != "worked\n7" { // under the race detector, with little memory
				t.Skipf("it does not work by itself: %v\n%.2000s", err, got)
			}
			if c.spool != "" {
				env = append(env, "LOOPTRACE_SPOOL="+c.spool)
			}
			if got, err := run(env); got != "worked\n7" {
				t.Errorf("it ended with %v\n%.2000s", err, got)
			}
		})
	}
}

// A spool that is named from the working directory stays where it was when that changes.
func TestRelativeSpool(t *testing.T) {
	base := t.TempDir()
	if err := os.Mkdir(filepath.Join(base, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := child(t, "works", "spool")
	cmd.Dir = base
	cmd.Env = append(cmd.Env, "LOOPTRACE_TEST_CHDIR=/")
	_ = cmd.Run() // it ends with 7
	if tasks := facts(t, filepath.Join(base, "spool")).Tasks; len(tasks) != 5002 {
		t.Errorf("%d tasks are recorded, want 5002", len(tasks))
	}
}

// A part of a long name does not keep the whole of it.
func TestLongNamesAreLetGo(t *testing.T) {
	l := recorder.New().Loop("loop")
	var tasks []*recorder.Task
	for range 100 {
		_, task := l.Task(context.Background(), strings.Repeat("x", 1<<20))
		tasks = append(tasks, task)
	}
	if n := heap(); n > 60<<20 {
		t.Errorf("%d bytes are kept", n)
	}
	l.Close()
	_ = tasks
}
