package gobuild_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/recorder/launch/gobuild"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// goCommand is a go command to test with.
type goCommand struct {
	path    string
	environ []string
}

// goCommands returns the one that runs the test and, where LOOPTRACE_GO_VERSIONS is set, the other versions in the module
// cache: each takes as long again.
func goCommands(t testing.TB) map[string]goCommand {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("Go programs are recorded on Linux only")
	}
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	environ := append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0") // with cgo no deadlock is found
	found := map[string]goCommand{"": {path, environ}}
	if os.Getenv("LOOPTRACE_GO_VERSIONS") == "" {
		return found
	}
	out, err := exec.Command(path, "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	others, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "golang.org", "toolchain@v0.0.1-go1.*."+runtime.GOOS+"-"+runtime.GOARCH))
	slices.Sort(others)
	for _, dir := range others {
		bin := filepath.Join(dir, "bin", "go")
		version := regexp.MustCompile(`go1\.\d+`).FindString(filepath.Base(dir))
		if version < "go1.22" {
			continue
		}
		found[version] = goCommand{bin, append(slices.Clone(environ), "GOTOOLCHAIN=local", "GOROOT=")}
	}
	return found
}

func (g goCommand) prepare(t testing.TB, args ...string) gobuild.Build {
	t.Helper()
	b := gobuild.Prepare(context.Background(), gobuild.Options{
		Command: append([]string{g.path}, args...), Go: g.path, Environ: g.environ, Cache: t.TempDir(), Scratch: t.TempDir(),
	})
	if b.Note != "" {
		t.Fatal(b.Note)
	}
	return b
}

func (g goCommand) run(t testing.TB, command []string) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = g.environ
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", command, err, out)
	}
}

// built is a program as it is, and as it is built to be recorded.
type built struct{ dir, plain, recorded string }

// build builds both. A standard library takes half a minute to build for each set of flags, so that tests share what they can.
func (g goCommand) build(t testing.TB, source string) built {
	t.Helper()
	dir := t.TempDir()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": "module example.com/program\n\ngo 1.22\n", "main.go": string(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := built{dir: dir, plain: filepath.Join(dir, "plain", "program")}
	g.run(t, []string{g.path, "build", "-C", dir, "-o", b.plain, "."})
	b.recorded = g.recorded(t, dir, "recorded")
	return b
}

// recorded builds the program of a directory to be recorded.
func (g goCommand) recorded(t testing.TB, dir, name string, flags ...string) string {
	t.Helper()
	program := filepath.Join(dir, name, "program")
	made := g.prepare(t, slices.Concat([]string{"build", "-C", dir}, flags, []string{"-o", program, "."})...)
	g.environ = append(slices.Clone(g.environ), made.Environ...)
	g.run(t, append([]string{made.Go}, made.Command[1:]...))
	return program
}

// ran is what is known of a process that ended.
type ran struct {
	out, errs string
	code      int
	spool     string
}

// start starts a program; an empty spool means that it is not recorded.
func start(t testing.TB, spool, program string, args ...string) (*exec.Cmd, *bufio.Reader, *strings.Builder) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "GODEBUG=") })
	if spool != "" {
		cmd.Env = append(cmd.Env, "LOOPTRACE_SPOOL="+spool)
	}
	errs := &strings.Builder{}
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
	t.Cleanup(func() { kill.Stop() })
	return cmd, bufio.NewReader(out), errs
}

// run runs a program to its end. act is called with its first line.
func run(t testing.TB, spool, program, mode string, act func(line string, p *os.Process)) ran {
	t.Helper()
	cmd, out, errs := start(t, spool, program, strings.Fields(mode)...)
	line, _ := out.ReadString('\n')
	if act != nil {
		act(strings.TrimSpace(line), cmd.Process)
	}
	rest, _ := io.ReadAll(out)
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{line + string(rest), errs.String(), cmd.ProcessState.ExitCode(), spool}
}

// changing is what differs from run to run.
var changing = regexp.MustCompile(`/\S*(goroot-[0-9a-f]+|toolchain@[^/]+)/src/|0x[0-9a-f]+|goroutine \d+|127\.0\.0\.1:\d+|\+0x\S+|/(plain|recorded)/|\[recovered\]|pc=\S+|m=\S+`)

// essence leaves out of an output what differs from run to run.
func essence(s string) string { return changing.ReplaceAllString(s, "…") }

// facts returns the lines of all facts files of a spool, and the events of all its traces by kind.
func (r ran) facts(t testing.TB) (lines []string) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(r.spool, "*.facts"))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	return lines
}

// functions returns the start functions of the goroutines in the traces of a spool, and the time of the last event.
func (r ran) functions(t testing.TB) (names []string, last int64) {
	t.Helper()
	traces, _ := filepath.Glob(filepath.Join(r.spool, "*.gotrace"))
	for _, name := range traces {
		f, err := gotrace.Open(name, gotrace.Options{})
		if errors.Is(err, tracefile.ErrEmpty) {
			continue // the process became another one at once
		}
		if err != nil {
			t.Fatal(err)
		}
		for {
			e, err := f.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			last = e.Time
			if e.Kind == tracefile.TaskSpawned {
				names = append(names, f.Site(e.Site).Coro)
			}
		}
		f.Close()
	}
	return names, last
}

// isCut reports whether a trace of a spool ends in the middle of something.
func (r ran) isCut(t testing.TB) bool {
	t.Helper()
	traces, _ := filepath.Glob(filepath.Join(r.spool, "*.gotrace"))
	for _, name := range traces {
		f, err := gotrace.Open(name, gotrace.Options{})
		if err != nil {
			return true
		}
		defer f.Close()
		for err == nil {
			_, err = f.Next()
		}
		if f.Health().Truncated {
			return true
		}
	}
	return len(traces) == 0
}

// TestPrograms builds the same program in all ways.
func TestPrograms(t *testing.T) {
	for version, g := range goCommands(t) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := g.build(t, "testdata/program/main.go")
			t.Run("same", func(t *testing.T) { areTheSame(t, b) })
			t.Run("killed", func(t *testing.T) { killed(t, b) })
			t.Run("own trace", func(t *testing.T) { ownTraceIsReadable(t, b) })
			if version == "" {
				t.Run("flags", func(t *testing.T) { g.buildFlags(t, b) })
			}
		})
	}
}

// areTheSame: what a program prints, its exit status, and what it can know of itself are the same, recorded,
// not recorded, and built as ever; and its trace is complete.
func areTheSame(t *testing.T, b built) {
	for mode, c := range map[string]struct {
		act    func(string, *os.Process)
		worker string // a goroutine that must be in the trace
		end    string // of the facts
	}{
		"plain":      {nil, "main.stuck", "process_ending reason=exit code=0"},
		"exit":       {nil, "", "process_ending reason=exit code=3"},
		"concurrent": {nil, "", "process_ending reason=exit code=5"},
		"panic":      {nil, "", "process_started"},
		"asleep":     {nil, "main.stuck", "text=the\\strace\\sends\\swhere\\sno"},
		"goexit":     {nil, "", "text=the\\strace\\sends\\swhere\\sno"},
		"own":        {nil, "main.worker", "process_ending reason=exit code=0"},
		"unseen":     {nil, "", "process_ending reason=exit code=0"},
		"serve":      {dial, "", "process_ending reason=exit code=0"},
		"signal":     {terminate, "", "process_ending reason=exit code=0"},
		"child":      {nil, "main.worker", "process_ending reason=exit code=0"},
		"collect":    {nil, "", "process_ending reason=exit code=0"},
		"exec":       {nil, "main.stuck", "process_ending reason=exit code=0"},
		"many":       {nil, "main.many.func1", "process_ending reason=exit code=0"},
	} {
		t.Run(mode, func(t *testing.T) {
			want := run(t, "", b.plain, mode, c.act)
			off := run(t, "", b.recorded, mode, c.act)
			on := run(t, t.TempDir(), b.recorded, mode, c.act)
			for _, got := range []ran{off, on} {
				if essence(got.out) != essence(want.out) || got.code != want.code || essence(got.errs) != essence(want.errs) {
					t.Errorf("recorded in %q:\n%d %s%s\nas it was:\n%d %s%s", got.spool, got.code, got.out, got.errs, want.code, want.out, want.errs)
				}
			}
			lines := on.facts(t)
			if len(lines) == 0 || !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, c.end) }) {
				t.Errorf("facts: %q", lines)
			}
			if mode == "panic" && on.isCut(t) && !strings.Contains(t.Name(), "1.22") {
				t.Error("the trace of a program that panics is cut off")
			}
			names, _ := on.functions(t)
			if c.worker != "" && !slices.Contains(names, c.worker) {
				t.Errorf("goroutines in the trace: %q", slices.Compact(names))
			}
		})
	}
}

// idle is longer than a recording takes to find out that nothing can run.
const idle = 700 * time.Millisecond

func dial(line string, _ *os.Process) {
	time.Sleep(idle)
	address, _, _ := strings.Cut(line, " ")
	if c, err := net.Dial("tcp", address); err == nil {
		c.Close()
	}
}

func terminate(_ string, p *os.Process) {
	time.Sleep(idle)
	p.Signal(syscall.SIGTERM)
}

// killed: a program that is killed loses what happened in the last fifth of a second, and no more. On a busy machine it may
// have had no time to write.
func killed(t *testing.T, b built) {
	var lost time.Duration
	for range 5 {
		var at int64
		r := run(t, t.TempDir(), b.recorded, "spin", func(_ string, p *os.Process) {
			time.Sleep(idle)
			p.Kill()
			at = monotonic()
		})
		_, last := r.functions(t)
		if lost = time.Duration(at - last); lost <= 200*time.Millisecond {
			return
		}
	}
	t.Errorf("the trace ends %v before the kill", lost)
}

// monotonic returns CLOCK_MONOTONIC.
func monotonic() int64 {
	var ts syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

// ownTraceIsReadable: what a program's own tracing gives it can be read, and has what it did and nothing before.
func ownTraceIsReadable(t *testing.T, b built) {
	path := filepath.Join(t.TempDir(), "own.gotrace")
	r := run(t, t.TempDir(), b.recorded, "own "+path, nil)
	names, _ := ran{spool: filepath.Dir(path)}.functions(t)
	if !slices.Contains(names, "main.worker") {
		t.Errorf("%q %s", names, r.errs)
	}
}

// TestFlightRecorder: so does the flight recorder.
func TestFlightRecorder(t *testing.T) {
	for version, g := range goCommands(t) {
		if version != "" && version < "go1.25" {
			continue
		}
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := g.build(t, "testdata/flight/main.go")
			want, got := run(t, "", b.plain, "", nil), run(t, t.TempDir(), b.recorded, "", nil)
			if got.out != want.out || got.code != want.code || got.errs != want.errs {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}

// buildFlags: built in other ways, a program is the same, too.
func (g goCommand) buildFlags(t *testing.T, b built) {
	for _, flags := range []string{"-trimpath", "-race", "-ldflags=-s -w", "-buildmode=pie"} {
		t.Run(flags, func(t *testing.T) {
			t.Parallel()
			if flags == "-race" && (testing.Short() || !cgo()) {
				t.Skip("needs cgo")
			}
			g := goCommand{g.path, slices.Clone(g.environ)}
			if cgo() {
				g.environ = append(g.environ, "CGO_ENABLED=1")
			}
			program := g.recorded(t, b.dir, strings.Trim(flags, "-"), flags)
			for _, mode := range []string{"plain", "own"} {
				want, got := run(t, "", b.plain, mode, nil), run(t, t.TempDir(), program, mode, nil)
				if got.out != want.out || got.code != want.code || got.errs != want.errs {
					t.Errorf("%s: %+v, want %+v", mode, got, want)
				}
				if names, _ := got.functions(t); !slices.Contains(names, "main.worker") {
					t.Errorf("%s: %q", mode, names)
				}
			}
		})
	}
}

func cgo() bool {
	_, err := exec.LookPath("gcc")
	return err == nil
}
