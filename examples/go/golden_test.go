package examples

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run puts a new looptrace on the PATH of the tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "looptrace-examples")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.Command("go", "build", "-C", "../..", "-o", filepath.Join(dir, "looptrace"), "./cmd/looptrace")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	_ = os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return m.Run()
}

// TestRecorded runs the examples as programs that record themselves.
func TestRecorded(t *testing.T) {
	bin := t.TempDir()
	for _, dir := range programs(t, ".") {
		t.Run(name(dir), func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(bin, strings.ReplaceAll(name(dir), "/", "-"))
			command(t, dir, "go", build(program)...)
			for range repeat(t) {
				j := judge{T: t, truth: readTruth(t, dir)}
				j.record(dir, program)
				j.tasks()
			}
		})
	}
}

// TestCaptured runs all programs without an edit: when looptrace runs go build, or go run, it adds a trace of the runtime.
func TestCaptured(t *testing.T) {
	bin := t.TempDir()
	for _, dir := range append(programs(t, "."), programs(t, "../../testdata/go")...) {
		t.Run(name(dir), func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(bin, strings.ReplaceAll(name(dir), "/", "-"))
			command(t, dir, "looptrace", append([]string{"run", "--quiet", "-o", program + ".ltrace", "--", "go"}, build(program)...)...)
			for range repeat(t) {
				j := judge{T: t, truth: readTruth(t, dir)}
				j.record(dir, program)
				j.tasks()
				j.goroutines()
			}
		})
	}
}

// TestGoRun is TestCaptured with go run, which builds and runs.
func TestGoRun(t *testing.T) {
	for _, dir := range []string{"group/leaking", "group/right"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			j := judge{T: t, truth: readTruth(t, absolute(t, dir))}
			j.record(j.dir, "go", "run", ".")
			j.tasks()
			j.goroutines()
		})
	}
}

// build returns the arguments of go that build the program of a directory, as the test itself is built.
func build(program string) []string {
	args := []string{"build", "-o", program}
	if raceEnabled {
		args = append(args, "-race")
	}
	return append(args, ".")
}

// repeat returns how often a program is run: once, or LOOPTRACE_REPEAT times.
func repeat(t *testing.T) int {
	t.Helper()
	text := cmp.Or(os.Getenv("LOOPTRACE_REPEAT"), "1")
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func absolute(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// programs returns the directories of the programs in a tree of them.
func programs(t *testing.T, tree string) []string {
	t.Helper()
	tree = absolute(t, tree)
	list, err := filepath.Glob(filepath.Join(tree, "*", "*", "truth.json"))
	if err != nil || len(list) == 0 {
		t.Fatalf("no programs in %s: %v", tree, err)
	}
	for i, truth := range list {
		list[i] = filepath.Dir(truth)
	}
	return list
}

// name is NAME/right or NAME/leaking.
func name(dir string) string {
	return filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir)
}

// command runs a command that has to succeed.
func command(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// record runs a command under looptrace, and reads the report. The status has to tell whether there are findings.
func (j *judge) record(dir string, program ...string) {
	j.Helper()
	out := filepath.Join(j.TempDir(), "report.json")
	args := []string{"run", "--quiet", "--fail-on", "note", "-o", filepath.Join(j.TempDir(), "t.ltrace"), "--report", "json=" + out, "--"}
	cmd := exec.Command("looptrace", append(args, program...)...)
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		j.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		j.Fatalf("%v\n%s", err, said)
	}
	if err := json.Unmarshal(text, &j.told); err != nil {
		j.Fatal(err)
	}
	if status, failed := cmd.ProcessState.ExitCode(), len(j.told.Findings) > 0; status != 0 && status != 66 || (status == 66) != failed {
		j.Errorf("exit status %d with %d findings:\n%s", status, len(j.told.Findings), said)
	}
	if strings.Contains(string(said), "DATA RACE") {
		j.Errorf("a data race:\n%s", said)
	}
}

// read reads the report of a trace.
func (j *judge) read(trace string) {
	j.Helper()
	out := trace + ".json"
	said, err := exec.Command("looptrace", "report", "--format", "json", "-o", out, trace).CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		j.Fatal(err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		j.Fatalf("%v\n%s", err, said)
	}
	if err := json.Unmarshal(text, &j.told); err != nil {
		j.Fatal(err)
	}
}
