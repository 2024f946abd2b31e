package gotrace

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
	"golang.org/x/exp/trace"
)

// buildFrom rebuilds the run that a trace in a file tells of.
func buildFrom(t testing.TB, path string, o Options) *analyze.Run {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := analyze.Build(f, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// liveAtEnd describes what was live at the end, by name.
func liveAtEnd(run *analyze.Run) (facts map[string]string, times map[string][]int64) {
	facts, times = map[string]string{}, map[string][]int64{}
	for _, p := range run.Processes {
		for _, l := range p.Exit.Live {
			facts[l.Task.Name] = liveFacts(l)
			times[l.Task.Name] = []int64{l.SinceNS, l.Task.SpawnedNS, l.Task.BusyNS}
		}
	}
	return facts, times
}

func liveFacts(l *analyze.Live) string {
	var b strings.Builder
	t := l.Task
	fmt.Fprintf(&b, "%d: ", t.ID)
	fmt.Fprintf(&b, "%s on %s least %v, %d steps, seen %v\n", l.State, l.On.Kind, l.SinceLeast, l.Steps, t.BirthSeen)
	frames := func(what string, list []analyze.Frame) {
		for _, f := range list {
			fmt.Fprintf(&b, "  %s %s %s:%d\n", what, f.Qualname, f.File, f.Line)
		}
	}
	frames("waits", l.Awaiting)
	if t.Site != nil {
		fmt.Fprintf(&b, "  coro %s\n", t.Site.Coro)
		frames("made", t.Site.Stack)
	}
	if t.Test != nil {
		fmt.Fprintf(&b, "  test %s\n", t.Test.Name)
	}
	for p := t.Parent; p != nil; p = p.Parent {
		fmt.Fprintf(&b, "  by %s", p.Name)
		if p.Site != nil {
			fmt.Fprintf(&b, " %s", p.Site.Coro)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// slack is how far times may differ. The reader of x/exp lets no event be earlier than the one that it put before it, which
// moves some that follow where it had to wait, by milliseconds where generations are short. The fast way takes the times as
// they were recorded.
const slack = int64(50_000_000)

// sameLive compares what the two ways to read a trace say of its end, and returns how they differ.
func sameLive(t *testing.T, path string) (differ []string) {
	t.Helper()
	errorf := func(format string, args ...any) { differ = append(differ, fmt.Sprintf(format, args...)) }
	whole, wholeTimes := liveAtEnd(buildFrom(t, path, Options{}))
	fast, fastTimes := liveAtEnd(buildFrom(t, path, Options{LiveOnly: true}))
	for name, want := range whole {
		got, ok := fast[name]
		if !ok {
			errorf("%s is missing:\n%s", name, want)
		} else if got != want {
			errorf("%s: got\n%s want\n%s", name, got, want)
		}
		for i, w := range wholeTimes[name] {
			slack := slack + int64(i/2)*w/10
			if strings.Contains(want, "coro runtime") {
				continue // those of the tracer run where generations end: there the reader of x/exp moves times most
			}
			if g := fastTimes[name][min(i, len(fastTimes[name])-1)]; ok && (g > w+slack || g < w-slack) {
				errorf("%s: got %d ns, want %d (%s)\n%s", name, g, w, [...]string{"since", "spawned", "busy"}[i], want)
			}
		}
		if len(differ) > 5 {
			return differ
		}
	}
	for name, got := range fast {
		if _, ok := whole[name]; !ok {
			errorf("%s was not live:\n%s", name, got)
		}
	}
	return differ
}

// samePrelude compares what the two ways to read the beginning of a trace say.
func samePrelude(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	s := newStacks(settings{})
	fast, err := fastPrelude(f, st.Size(), s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	want := readPrelude(r, s)
	if len(fast.older) != len(want.older) {
		t.Fatalf("got %d older goroutines, want %d", len(fast.older), len(want.older))
	}
	for i := range want.older {
		if want.older[i].state != trace.GoRunning { // nobody asks
			want.older[i].proc, fast.older[i].proc = 0, 0
		}
		if got := fast.older[i]; got != want.older[i] {
			t.Errorf("got %+v, want %+v", got, want.older[i])
		}
	}
	fast.older, want.older = nil, nil
	if diff := cmp.Diff(want, fast, cmp.AllowUnexported(prelude{}, older{})); diff != "" {
		t.Error(diff)
	}
}

// readFast reads what is live at the end of a trace the fast way, if that can be done.
func readFast(t *testing.T, path string) error {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	_, err = newLiveSource(f, st.Size(), settings{})
	return err
}

// Whichever way a trace is read, it tells the same of its beginning and its end. GOTRACES can name more traces.
func TestLiveIsTheSame(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "gotraces", "*.trace"))
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d traces, %v", len(paths), err)
	}
	fast := 0
	for _, path := range append(paths, strings.Fields(os.Getenv("GOTRACES"))...) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if err := readFast(t, path); err != nil {
				t.Skip(err)
			}
			fast++
			samePrelude(t, path)
			for _, d := range sameLive(t, path) {
				t.Error(d)
			}
		})
	}
	if fast < 5 {
		t.Errorf("only %d traces were read the fast way", fast)
	}
}

// A program of mixed work leaves what it says that it leaves, whichever way its trace is read.
func TestLiveOfProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "gotrace")
	if out, err := exec.Command("go", "build", "-o", program, "../../bench/gotrace").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, args := range map[string][]string{
		"mixed":             {"-size", "2"},
		"short generations": {"-for", "300ms"},
		"parked":            {"-size", "1", "-parked", "2000"},
	} {
		t.Run(name, func(t *testing.T) {
			var differ []string
			for range 4 { // on a busy machine the reader of x/exp brings some births into another order than that of their times
				if differ = sameAtEnd(t, program, args); len(differ) == 0 {
					return
				}
			}
			for _, d := range differ {
				t.Error(d)
			}
		})
	}
}

// sameAtEnd runs a program and returns how what the two ways to read its trace say of its end differ.
func sameAtEnd(t *testing.T, program string, args []string) (differ []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "go.trace")
	cmd := exec.Command(program, append(args, "-o", path)...)
	cmd.Env = append(os.Environ(), "GODEBUG=traceadvanceperiod=1000000000")
	if args[0] == "-for" {
		cmd.Env = append(os.Environ(), "GODEBUG=traceadvanceperiod=30000000")
	}
	truth, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := readFast(t, path); err != nil {
		t.Fatal(err)
	}
	samePrelude(t, path)
	leaves(t, path, string(truth))
	return sameLive(t, path)
}

// leaves compares what is live with what a program says that it left: lines of a number and a function.
func leaves(t *testing.T, path, truth string) {
	t.Helper()
	got := map[string]int{}
	for _, p := range buildFrom(t, path, Options{LiveOnly: true}).Processes {
		for _, l := range p.Exit.Live {
			name := ""
			if t := l.Task; t.Site != nil {
				name = t.Site.Coro
			}
			got[name]++
		}
	}
	lines := 0
	for line := range strings.Lines(truth) {
		var n int
		var function string
		if _, err := fmt.Sscanf(line, "%d main.%s", &n, &function); err != nil {
			continue
		}
		lines++
		if got["main."+function] != n {
			t.Errorf("%s: %d are live, want %d", function, got["main."+function], n)
		}
	}
	if lines < 10 {
		t.Errorf("the program told of %d functions", lines)
	}
}

// A goroutine that ran on another processor than before is told to run after it stopped, whatever the clocks say.
func TestLiveInOrder(t *testing.T) {
	task := &rawTask{
		made: rawPlace{gen: 0}, madeAt: 10, place: rawPlace{gen: 0}, stop: rawBlocked, stopAt: 100, open: true, begun: 90, live: true,
	}
	var got []int64
	for _, i := range task.items(0, 200) {
		got = append(got, i.ns)
	}
	if diff := cmp.Diff([]int64{10, 100, 100}, got); diff != "" {
		t.Error(diff)
	}
}
