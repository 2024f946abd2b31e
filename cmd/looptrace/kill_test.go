package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/launch"
	"github.com/looptrace/looptrace/recorder/python"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestKill kills a busy program at random moments. What it logged as complete must be in the recording, and nothing may be
// that it did not begin: the log holds the truth from both sides. LOOPTRACE_KILLS says how many times.
func TestKill(t *testing.T) {
	pythons := pythonsHere(t)
	kills := 3
	if s := os.Getenv("LOOPTRACE_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	rng := rand.New(rand.NewSource(time.Now().UnixNano()))
	for i := range kills {
		interpreter := pythons[i%len(pythons)]
		after := time.Duration(rng.Intn(400)) * time.Millisecond / time.Duration(1+i%4)
		t.Run(fmt.Sprintf("%d after %v", i, after), func(t *testing.T) {
			killOnce(t, interpreter, after)
		})
	}
}

func killOnce(t *testing.T, interpreter string, after time.Duration) {
	dir := t.TempDir()
	logFile := filepath.Join(dir, "log")
	program, err := filepath.Abs("../../testdata/programs/busy.py")
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	go killSoon(logFile, after)
	out, err := launch.Run(context.Background(), launch.Options{
		Command:    []string{interpreter, program, logFile},
		Output:     filepath.Join(dir, "t.ltrace"),
		RecorderFS: python.FS(),
		Files:      [3]*os.File{null, null, null},
		Environ:    os.Environ(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.Signal != syscall.SIGKILL || out.Trace == "" {
		t.Fatalf("%s: ended by signal %v, trace %q, notes %q", interpreter, out.Signal, out.Trace, out.Notes)
	}
	compareWithLog(t, readLog(t, logFile), recordedRun(t, out.Trace))
	if t.Failed() {
		t.Logf("on %s", interpreter)
	}
}

// killSoon waits until the program runs its loop, and some time more.
func killSoon(logFile string, after time.Duration) {
	for range 2000 {
		time.Sleep(5 * time.Millisecond)
		text, err := os.ReadFile(logFile)
		if err != nil {
			continue
		}
		var pid int
		if n, _ := fmt.Sscanf(string(text), "pid %d\n", &pid); n == 1 {
			time.Sleep(after)
			syscall.Kill(pid, syscall.SIGKILL)
			return
		}
	}
}

// history is what the program logged, by the number of the task.
type history struct {
	spawning, spawned, returning, ended map[int]bool
	stepped                             map[int]int
}

func readLog(t *testing.T, path string) *history {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := &history{map[int]bool{}, map[int]bool{}, map[int]bool{}, map[int]bool{}, map[int]int{}}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var what string
		var n int
		if k, _ := fmt.Sscan(lines.Text(), &what, &n); k != 2 {
			t.Fatalf("log: %q", lines.Text())
		}
		switch what {
		case "spawning":
			h.spawning[n] = true
		case "spawned":
			h.spawned[n] = true
		case "stepped":
			h.stepped[n]++
		case "returning":
			h.returning[n] = true
		case "ended":
			h.ended[n] = true
		}
	}
	return h
}

func recordedRun(t *testing.T, trace string) *analyze.Run {
	t.Helper()
	f, err := tracefile.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := analyze.Build(f, analyze.Options{KeepTasks: 10_000_000})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// compareWithLog asks that logged ⊆ recorded ⊆ begun, for spawns and ends, and that the live set is their difference.
func compareWithLog(t *testing.T, h *history, run *analyze.Run) {
	t.Helper()
	if len(run.Processes) != 1 {
		t.Fatalf("%d processes", len(run.Processes))
	}
	live := map[*analyze.Task]bool{}
	for _, l := range run.Processes[0].Exit.Live {
		live[l.Task] = true
	}
	number := 0 // the program numbers its tasks in the order of their birth
	ended := 0
	for _, task := range run.Tasks {
		if task.Site == nil || task.Site.Coro != "work" {
			continue
		}
		n := number
		number++
		done := task.Outcome != "pending"
		if done {
			ended++
		}
		switch {
		case !h.spawning[n]:
			t.Errorf("task %d is recorded and was never spawned", n)
		case h.ended[n] && task.Outcome != "returned":
			t.Errorf("task %d had returned and is recorded as %q", n, task.Outcome)
		case done && !h.returning[n]:
			t.Errorf("task %d is recorded as %q and had not got there", n, task.Outcome)
		case done == live[task]:
			t.Errorf("task %d: outcome %q, live at the end %v", n, task.Outcome, live[task])
		case task.Steps < h.stepped[n]:
			t.Errorf("task %d took %d steps and more; %d are recorded", n, h.stepped[n], task.Steps)
		}
	}
	if number < len(h.spawned) {
		t.Errorf("%d tasks were spawned, %d are recorded", len(h.spawned), number)
	}
	t.Logf("%d tasks, %d ended; the log has %d and %d", number, ended, len(h.spawned), len(h.ended))
}
