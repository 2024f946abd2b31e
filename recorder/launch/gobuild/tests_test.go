package gobuild_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/recorder/launch/gobuild"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// leaky copies the module of tests to where it can be built by any version.
func leaky(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/leaky")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// times are what differs from run to run of tests.
var times = regexp.MustCompile(`\(?\d+\.\d+s\)?|"Time":"[^"]*"|"Elapsed":[0-9.e-]+|[\t ]*[\d.]+ ns/op| +\t`)

// goTest runs go test and returns what it prints but for times.
func (g goCommand) goTest(t *testing.T, spool string, args ...string) string {
	t.Helper()
	command, environ := append([]string{g.path, "test"}, args...), g.environ
	if spool != "" {
		b := g.prepare(t, command[1:]...)
		command, environ = append([]string{b.Go}, b.Command[1:]...), append(slices.Clone(environ), b.Environ...)
		environ = append(environ, "LOOPTRACE_SPOOL="+spool)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = environ
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	lines := strings.Split(times.ReplaceAllString(string(out), ""), "\n")
	slices.Sort(lines) // parallel tests end in any order
	return strings.Join(lines, "\n")
}

// TestGoTest: tests print what they print without a recording, and each test is told by its name.
func TestGoTest(t *testing.T) {
	for version, g := range goCommands(t) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			dir := leaky(t)
			for _, c := range []struct{ args, tests []string }{
				{
					[]string{"-v"},
					[]string{"TestClean", "TestParallel", "TestParallel/a", "TestFails", "FuzzStart", "FuzzStart/seed#0", "ExampleStart"},
				},
				{[]string{"-run", "Clean", "-bench", ".", "-benchtime", "3x"}, []string{"TestClean", "BenchmarkStart"}},
				{
					[]string{"-json", "-run", "Parallel|Fails", "-parallel", "1", "./..."},
					[]string{"TestParallel/b", "TestParallel/with_space", "TestFails"},
				},
			} {
				spool := t.TempDir()
				args := append([]string{"-C", dir, "-count=2"}, c.args...)
				want, got := g.goTest(t, "", args...), g.goTest(t, spool, args...)
				if got != want {
					t.Errorf("%q (-without +with a recording):\n%s", args, cmp.Diff(want, got))
				}
				names := testsIn(t, spool)
				for _, name := range c.tests {
					if !slices.Contains(names, name) {
						t.Errorf("%q: no test %s among %q", args, name, names)
					}
				}
			}
		})
	}
}

// TestCompiledTest: a test binary that was built to be recorded is, when it runs on its own.
func TestCompiledTest(t *testing.T) {
	g := goCommands(t)[""]
	dir := leaky(t)
	b := g.prepare(t, "test", "-C", dir, "-c", "-o", "x.test", ".")
	g.run(t, append([]string{b.Go}, b.Command[1:]...))
	r := run(t, t.TempDir(), filepath.Join(dir, "x.test"), "-test.run=Fails", nil)
	if names := testsIn(t, r.spool); !slices.Equal(names, []string{"TestFails"}) || r.code != 1 {
		t.Errorf("%q, status %d", names, r.code)
	}
}

// testsIn returns the tests that the traces of a spool tell of, each once.
func testsIn(t *testing.T, spool string) (names []string) {
	t.Helper()
	traces, _ := filepath.Glob(filepath.Join(spool, "*.gotrace"))
	for _, name := range traces {
		f, err := gotrace.Open(name, gotrace.Options{})
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
			if e.Kind == tracefile.TestBegun {
				names = append(names, e.Name+e.Attrs.Get("name"))
			}
		}
		f.Close()
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestCacheCannotBeWritten: what is laid over the standard library is in the directory of the run then.
func TestCacheCannotBeWritten(t *testing.T) {
	g := goCommands(t)[""]
	scratch := t.TempDir()
	b := gobuild.Prepare(context.Background(), gobuild.Options{
		Command: []string{g.path, "build", "."}, Go: g.path, Environ: g.environ, Cache: filepath.Join(os.DevNull, "x"), Scratch: scratch,
	})
	if b.Note != "" || !slices.ContainsFunc(b.Command, func(arg string) bool { return strings.HasPrefix(arg, "-overlay="+scratch) }) {
		t.Errorf("%q %s", b.Command, b.Note)
	}
}
