package rule_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/analyze/rule"
)

// TestRealGoroutines runs the tests in testdata/leaks, all at once, with a trace: each goroutine that they leave is told with
// its test and line, and none that ends or that the standard library keeps.
func TestRealGoroutines(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a program")
	}
	dir := t.TempDir()
	source := copyTo(t, dir, "testdata/leaks")
	cmd := exec.Command("go", "test", "-count=1", "-trace=leaks.trace", "-vet=off", "-parallel=64", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file, err := gotrace.Open(filepath.Join(dir, "leaks.trace"), gotrace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run, err := analyze.Build(file, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := []string{}, wanted(source)
	for _, f := range rule.Check(run, "").Findings {
		got = append(got, toldOf(&f))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %s\nwant %s\nnotes %q", strings.Join(got, "\n     "), strings.Join(want, "\n     "), run.Health.Notes)
	}
	kept := map[string]bool{}
	for _, l := range run.Processes[0].Exit.Live {
		kept[l.Task.Known] = true
	}
	for _, kind := range []string{"runtime", "os/signal", "database/sql", "net/http idle connection", "net/http server connection"} {
		if !kept[kind] {
			t.Errorf("no goroutine of the kind %s was live", kind)
		}
	}
}

// toldOf returns a finding as "rule file:line test".
func toldOf(f *analyze.Finding) string {
	at, test := "", ""
	if f.At != nil {
		at = fmt.Sprintf("%s:%d", filepath.Base(f.At.File), f.At.Line)
	}
	if len(f.Tests) > 0 {
		test, _, _ = strings.Cut(f.Tests[0].Name, "/")
		test, _, _ = strings.Cut(test, " ")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Severity, f.Rule, at, test))
}

// wanted reads what is to be told from the marks in the tests.
func wanted(source string) []string {
	out := []string{"error live-at-exit leaks.go:9 TestWorkers"}
	test := ""
	for i, line := range strings.Split(source, "\n") {
		if name, ok := strings.CutPrefix(line, "func Test"); ok {
			test = "Test" + name[:strings.IndexByte(name, '(')]
		}
		if !strings.HasSuffix(line, "// leaks") {
			continue
		}
		id := "live-at-exit"
		if test == "TestNilChannel" {
			id = "deadlock"
		}
		out = append(out, fmt.Sprintf("error %s leaks_test.go:%d %s", id, i+1, test))
	}
	slices.Sort(out)
	return out
}

// copyTo copies a directory and makes it a module. It returns the tests in it.
func copyTo(t *testing.T, dir, from string) string {
	t.Helper()
	tests := ""
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(e.Name(), "_test.go") {
			tests = string(data)
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module leaks\n\ngo 1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return tests
}
