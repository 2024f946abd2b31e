//go:build linux

package recorder_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/looptrace/looptrace/recorder"
)

// childRole says what this test binary is to do in place of tests.
const childRole = "LOOPTRACE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "count":
		count()
	case "parent":
		parent()
	case "works":
		works()
	case "leave":
		leave()
	}
}

// child returns this binary as a program that is recorded to dir.
func child(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, "LOOPTRACE_SPOOL="+dir)
	return cmd
}

// count makes events for ever, and says after each thousand that they are made.
func count() {
	l := recorder.FromEnv().Loop("loop")
	_, t := l.Task(context.Background(), "counter")
	for n := uint64(1); ; n++ {
		t.Start()
		t.Wait("next")
		if n%1000 == 0 {
			_ = binary.Write(os.Stdout, binary.LittleEndian, n)
		}
	}
}

// A process that is killed loses nothing that had happened.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := child(t, "count", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told, in := uint64(0), bufio.NewReader(out)
	for enough := rand.Uint64N(300_000); told < enough; {
		if err := binary.Read(in, binary.LittleEndian, &told); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for binary.Read(in, binary.LittleEndian, &told) == nil { // what it had said before it died
	}
	_ = cmd.Wait() // it was killed
	run := facts(t, dir)
	task := run.Tasks[0]
	if steps := uint64(task.Steps); steps < told {
		t.Errorf("%d steps are recorded, %d were made", steps, told)
	}
	exit := run.Processes[0].Exit
	if len(exit.Live) != 1 || exit.LiveExact {
		t.Fatalf("the end is %+v", exit)
	}
	if live := exit.Live[0]; live.State == "suspended" && (live.On.Kind != "next" || live.At == nil || live.At.Function != "recorder_test.count") {
		t.Errorf("the task waits on %q at %+v", live.On.Kind, live.At)
	}
}

// parent starts a child that is recorded too.
func parent() {
	r := recorder.FromEnv()
	_, t := r.Loop("parent").Task(context.Background(), "task")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"=leave")
	if err := cmd.Run(); err != nil {
		panic(err)
	}
	t.Done(nil)
	if err := r.Close(); err != nil {
		panic(err)
	}
}

func leave() {
	_, t := recorder.FromEnv().Loop("child").Task(context.Background(), "left")
	t.Start()
	t.Wait("nothing")
	os.Exit(3)
}

// A child that inherits the environment writes a spool of its own.
func TestChildProcess(t *testing.T) {
	dir := t.TempDir()
	out, err := child(t, "parent", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "exit status 3") { // with which the parent panics
		t.Fatalf("the child did not leave as it was to: %v\n%s", err, out)
	}
	run := facts(t, dir)
	if len(run.Processes) != 2 || run.Processes[1].Parent != run.Processes[0] {
		t.Fatalf("%d processes, want a parent and its child", len(run.Processes))
	}
	if live := run.Processes[1].Exit.Live; len(live) != 1 || live[0].On.Kind != "nothing" || live[0].SinceNS == 0 {
		t.Errorf("the child left %+v", live)
	}
}

// smallDisk mounts a file system of its own size.
func smallDisk(t *testing.T, kilobytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// A disk that is full stops the recording, not the program.
func TestSmallDisk(t *testing.T) {
	dir := smallDisk(t, 128)
	r, err := recorder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := r.Loop("loop")
	for i := range 20_000 {
		_, task := l.Task(context.Background(), fmt.Sprintf("task %d", i))
		task.Start()
		task.Done(nil)
	}
	_, _ = l.Task(context.Background(), "left")
	if live := l.Close(); len(live) != 1 || live[0].Name != "left" {
		t.Errorf("live are %v", live)
	}
	_ = r.Close() // there is no room for it
	if facts1(t, dir).LostNS == 0 {
		t.Error("the recording does not say that it stopped")
	}
}

// The times are those of CLOCK_MONOTONIC, as in all recordings of the host.
func TestClock(t *testing.T) {
	now := func() int64 {
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			t.Fatal(err)
		}
		return ts.Nano()
	}
	r, dir := open(t)
	l := r.Loop("loop")
	before := now()
	_, task := l.Task(context.Background(), "task")
	task.Done(nil)
	after := now()
	src := spool(t, dir)
	const slack = 100_000 // between two readings
	n := 0
	for {
		e, err := src.Next()
		if err != nil {
			break
		}
		if kind := e.Kind.String(); kind == "task_spawned" || kind == "task_ended" {
			n++
			if e.Time < before-slack || e.Time > after+slack {
				t.Errorf("%s at %d, want between %d and %d", kind, e.Time, before, after)
			}
		}
	}
	if n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}
