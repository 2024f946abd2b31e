package gotrace

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
)

// dumped is a goroutine in the runtime's own list.
type dumped struct {
	Name, On, At, By string
}

var dumpWords = map[string]string{
	"running": "running", "chan receive": "chan-receive", "chan send": "chan-send", "select": "select",
	"select (no cases)": "forever", "chan receive (nil chan)": "forever (nil)", "sleep": "sleep", "sync.Mutex.Lock": "mutex",
	"sync.RWMutex.RLock": "rwmutex", "sync.RWMutex.Lock": "rwmutex", "sync.WaitGroup.Wait": "waitgroup",
	"semacquire": "semaphore", "sync.Cond.Wait": "cond", "IO wait": "io", "runnable": "none",
	"trace reader (blocked)": "system", "syscall": "syscall", "coroutine": "coroutine",
}

// readDump reads what runtime.Stack wrote: the truth about the goroutines of the program.
func readDump(t *testing.T, text string) []dumped {
	t.Helper()
	text, _, _ = strings.Cut(text, "\npanic: ")
	var out []dumped
	head := regexp.MustCompile(`^(goroutine \d+) \[([^,\]]*)`)
	place := regexp.MustCompile(`^\t(\S+):(\d+)`)
	for _, block := range strings.Split(strings.TrimSpace(text), "\n\n") {
		m := head.FindStringSubmatch(block)
		if m == nil {
			t.Fatalf("no goroutine: %q", block)
		}
		d := dumped{Name: m[1], On: dumpWords[m[2]]}
		rows := strings.Split(block, "\n")
		for i, row := range rows {
			at := place.FindStringSubmatch(row)
			if at == nil || !strings.HasSuffix(at[1], "/main.go") {
				continue
			}
			if by, created := strings.CutPrefix(rows[i-1], "created by "); created {
				d.By = by[:strings.IndexAny(by+" ", " ")] + ":" + at[2]
			} else if d.At == "" {
				d.At = at[2]
			}
		}
		if d.On == "semaphore" && strings.Contains(block, "sync.(*Mutex).Lock") {
			d.On = "mutex"
		}
		if strings.Contains(block, "sync.(*Once).") && d.On == "mutex" {
			d.On = "once"
		}
		if d.On == "semaphore" && strings.Contains(block, "sync.(*WaitGroup).Wait") {
			d.On = "waitgroup"
		}
		if strings.Contains(block, "sync.(*RWMutex).") {
			d.On = "rwmutex"
		}
		if d.On == "" {
			t.Errorf("no word for %q", m[2])
		}
		out = append(out, d)
	}
	return out
}

// listed is the same of what the trace says was live at the end, without the goroutines of the runtime.
func listed(run *analyze.Run) []dumped {
	var out []dumped
	for _, l := range run.Processes[0].Exit.Live {
		coro := l.Task.Site.Coro
		if strings.HasPrefix(coro, "runtime.") || strings.HasPrefix(coro, "runtime/trace.") || coro == "" && l.At == nil {
			continue // of the runtime, too: one that was woken and did nothing since has no stack
		}
		d := dumped{Name: l.Task.Name, On: l.On.Kind}
		if l.State == "running" || l.Task.Name == "goroutine 1" { // which is about to stop the trace
			d.On = "running"
		}
		if l.At != nil {
			d.At = strconv.Itoa(l.At.Line)
		}
		if at := l.Task.Site.At; at != nil && l.Task.BirthSeen {
			d.By = fmt.Sprintf("%s:%d", at.Qualname, at.Line)
		}
		out = append(out, d)
	}
	return out
}

// compare compares what a trace says with the truth.
func compare(t *testing.T, run *analyze.Run, dump string, late bool) {
	t.Helper()
	want := readDump(t, dump)
	want = slices.DeleteFunc(want, func(d dumped) bool { return d.By == "" && d.At == "" })
	for i := range want {
		if want[i].On == "running" {
			want[i].At = ""
		}
		if late { // a stack does not tell that the channel is nil
			want[i].By = ""
			want[i].On = strings.Replace(want[i].On, "forever (nil)", "chan-receive", 1)
		}
		want[i].On = strings.TrimSuffix(want[i].On, " (nil)")
	}
	got := listed(run)
	byName := func(a, b dumped) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(want, byName)
	slices.SortFunc(got, byName)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is live at the end is not what the runtime lists:\n%s", diff)
	}
}

// What a trace says is live at the end is what the runtime of the program itself listed: recorded with all supported releases.
func TestWaitsAsTheRuntimeSays(t *testing.T) {
	for _, version := range []string{"1.18", "1.20", "1.21", "1.22", "1.23", "1.24", "1.25", "1.26"} {
		t.Run("go"+version, func(t *testing.T) {
			dump, err := os.ReadFile(recorded("waits-go" + version + ".dump"))
			if err != nil {
				t.Fatal(err)
			}
			run := build(t, recorded("waits-go"+version+".trace"), Options{})
			compare(t, run, string(dump), false)
			p := run.Processes[0]
			if !strings.HasPrefix(p.Runtime, "go"+version+".") && version != "1.26" || !p.Go() {
				t.Errorf("runtime %q", p.Runtime)
			}
			for _, l := range p.Exit.Live {
				if l.State == "suspended" && l.Task.Steps == 0 && (l.SinceNS <= 0 || l.SinceLeast == l.Task.BirthSeen) {
					t.Errorf("%s: suspended since %d, at least: %v, birth seen: %v", l.Task.Name, l.SinceNS, l.SinceLeast, l.Task.BirthSeen)
				}
			}
			if !run.Health.Complete && run.Health.Truncated {
				t.Errorf("health %+v", run.Health)
			}
		})
	}
}

// Goroutines that are older than the trace: from Go 1.23 on they are told of with all but their birth, before that as being
// there.
func TestOlderThanTheTrace(t *testing.T) {
	for _, version := range []string{"1.21", "1.22", "1.23", "1.24", "1.25", "1.26"} {
		t.Run("go"+version, func(t *testing.T) {
			dump, err := os.ReadFile(recorded("late-go" + version + ".dump"))
			if err != nil {
				t.Fatal(err)
			}
			run := build(t, recorded("late-go"+version+".trace"), Options{})
			if version >= "1.23" {
				compare(t, run, string(dump), true)
				return
			}
			live := map[string]bool{}
			for _, l := range run.Processes[0].Exit.Live {
				live[l.Task.Name] = true
				if l.Task.Name != "goroutine 1" && !l.Task.BirthSeen && (!l.SinceLeast || l.State != "suspended") {
					t.Errorf("%s: %s, at least %v", l.Task.Name, l.State, l.SinceLeast)
				}
			}
			for _, d := range readDump(t, string(dump)) {
				if !live[d.Name] {
					t.Errorf("%s is not live", d.Name)
				}
			}
			if notes := strings.Join(run.Health.Notes, "\n"); !strings.Contains(notes, "before Go 1.23") {
				t.Errorf("nothing says why: %s", notes)
			}
		})
	}
}

// The same with programs that run now.
func TestProgramsAsTheRuntimeSays(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "waits")
	if out, err := exec.Command("go", "build", "-o", program, "../../testdata/gotraces/waits").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, c := range []struct {
		name, procs string
		args        []string
		fails       bool
	}{
		{"one processor", "1", nil, false},
		{"two processors", "2", nil, false},
		{"late", "2", []string{"late"}, false},
		{"late on one processor", "1", []string{"late"}, false},
		{"many", "2", []string{"more=10000"}, false},
		{"many late", "2", []string{"more=10000", "late"}, false},
		{"panic", "2", []string{"end=panic"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(dir, strings.ReplaceAll(c.name, " ", "-"))
			cmd := exec.Command(program, append([]string{out}, c.args...)...)
			cmd.Env = append(os.Environ(), "GOMAXPROCS="+c.procs)
			var dump, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &dump, &stderr
			if err := cmd.Run(); (err != nil) != c.fails {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			compare(t, build(t, out, Options{}), dump.String(), slices.Contains(c.args, "late"))
		})
	}
}

// Rarer goroutines: in system calls, bound to a thread, of coroutines, made by timers. Those that wait are where the runtime
// lists them; the others are there at all.
func TestRarerAsTheRuntimeSays(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "more")
	if out, err := exec.Command("go", "build", "-o", program, "../../testdata/gotraces/more").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, how := range []string{"1 return", "2 return", "2 flight"} {
		procs, how, _ := strings.Cut(how, " ")
		out := filepath.Join(dir, procs+how)
		cmd := exec.Command(program, out, how)
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+procs)
		dump, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		run := build(t, out, Options{})
		got := map[string]dumped{}
		for _, d := range listed(run) {
			got[d.Name] = d
		}
		names, on := map[string]bool{}, map[string]string{}
		for _, l := range run.Processes[0].Exit.Live {
			names[l.Task.Name], on[l.Task.Name] = true, l.On.Kind
			if strings.HasPrefix(l.Task.Site.Coro, "runtime.async") { // that spins, and was preempted
				t.Errorf("%s, %s: %s is told to begin in %s", procs, how, l.Task.Name, l.Task.Site.Coro)
			}
		}
		for _, want := range readDump(t, string(dump)) {
			if !names[want.Name] {
				t.Errorf("%s processors: %s is not live", procs, want.Name)
			}
			switch want.On {
			case "coroutine": // a switch left no stack
				if on[want.Name] != "coroutine" {
					t.Errorf("%s processors, %s: %s is told to wait for %q", procs, how, want.Name, on[want.Name])
				}
				continue
			case "none", "running", "system": // it runs by now
				continue
			}
			if want.By == "" && want.At == "" {
				continue
			}
			if want.By == "" { // made by a function of the standard library for one of the program
				want.By = got[want.Name].By
			}
			if how == "flight" { // older than what the recorder kept
				want.By = got[want.Name].By
			}
			if diff := cmp.Diff(want, got[want.Name]); diff != "" {
				t.Errorf("%s processors, %s:\n%s", procs, how, diff)
			}
		}
	}
}

// A program that ends with os.Exit before the first generation is complete leaves nothing that can be read, and that is said.
func TestExitLosesTheTrace(t *testing.T) {
	out := filepath.Join(t.TempDir(), "trace")
	cmd := exec.Command("go", "run", "../../testdata/gotraces/more", out, "exit")
	if err := cmd.Run(); err == nil {
		t.Fatal("exit status 0")
	}
	run := build(t, out, Options{})
	if notes := strings.Join(run.Health.Notes, "\n"); !run.Health.Truncated || !strings.Contains(notes, "nothing in the Go execution trace can be read") {
		t.Errorf("truncated %v: %s", run.Health.Truncated, notes)
	}
}
