package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPrograms runs every program of testdata/programs under looptrace and compares the report with the truth about it
// (expect.json). It takes the oldest and the newest interpreter found; all of them with LOOPTRACE_ALL_PYTHONS=1.
func TestPrograms(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/programs/*/app.py")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	pythons := byVersion(t, pythonsHere(t))
	if all := os.Getenv("LOOPTRACE_ALL_PYTHONS"); all == "" || all == "0" {
		pythons = slices.Compact([]minorPython{pythons[0], pythons[len(pythons)-1]})
	}
	var skipped []string
	t.Run("programs", func(t *testing.T) {
		for _, app := range cases {
			dir, err := filepath.Abs(filepath.Dir(app))
			if err != nil {
				t.Fatal(err)
			}
			runs := 0
			for _, py := range pythons {
				if expect := expectation(t, dir, py.minor); expect != nil {
					runs++
					t.Run(fmt.Sprintf("%s/3.%d", filepath.Base(dir), py.minor), func(t *testing.T) {
						t.Parallel()
						tryProgram(t, py.path, expect)
					})
				}
			}
			if runs == 0 {
				skipped = append(skipped, filepath.Base(dir))
			}
		}
	})
	if len(skipped) > 0 {
		t.Logf("skipped, no interpreter for them here: %s", strings.Join(skipped, " "))
	}
}

// minorPython is an interpreter and its minor version.
type minorPython struct {
	minor int
	path  string
}

// byVersion sorts interpreters by version and keeps the first of each.
func byVersion(t *testing.T, paths []string) []minorPython {
	t.Helper()
	var found []minorPython
	for _, path := range paths {
		var minor int
		out, err := exec.Command(path, "-c", "import sys; print(sys.version_info[1])").Output()
		if _, scanErr := fmt.Sscan(string(out), &minor); err != nil || scanErr != nil {
			t.Fatalf("%s: no version: %v %v", path, err, scanErr)
		}
		found = append(found, minorPython{minor, path})
	}
	slices.SortStableFunc(found, func(a, b minorPython) int { return cmp.Compare(a.minor, b.minor) })
	return slices.CompactFunc(found, func(a, b minorPython) bool { return a.minor == b.minor })
}

// expectation reads the truth about a program, nil if it is not meant for this version.
func expectation(t *testing.T, dir string, minor int) *truth {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	e := &truth{dir: dir}
	if err := json.Unmarshal(text, e); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	version := fmt.Sprintf("3.%d", minor)
	if minor < minorOf(t, e.MinPython) || minor > minorOf(t, e.MaxPython) {
		return nil
	}
	for _, change := range e.ByPython {
		if slices.Contains(change.Python, version) {
			if err := change.apply(e); err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
		}
	}
	return e
}

func minorOf(t *testing.T, version string) int {
	t.Helper()
	var minor int
	if _, err := fmt.Sscanf(version, "3.%d", &minor); err != nil {
		t.Fatalf("version %q: %v", version, err)
	}
	return minor
}

// tryProgram records a program and judges what was told of it.
func tryProgram(t *testing.T, python string, e *truth) {
	tmp := t.TempDir()
	trace, out := filepath.Join(tmp, "t.ltrace"), filepath.Join(tmp, "report.json")
	code, stdout, stderr := runLooptrace(t, e.dir, "run", "--quiet", "-o", trace, "--", python, "app.py")
	wanted := e.ExitCode
	if wanted < 0 {
		wanted = 128 - wanted
	}
	if code != wanted {
		t.Errorf("exit code %d, want %d", code, wanted)
	}
	lacks(t, "stdout", stdout, e.StdoutHas)
	lacks(t, "stderr", stderr, e.StderrHas)
	for _, text := range append([]string{"looptrace"}, e.StderrNot...) {
		if strings.Contains(stderr, text) {
			t.Errorf("stderr has %q:\n%s", text, stderr)
		}
	}
	if code, _, stderr := runLooptrace(t, tmp, "report", "--format", "json", "-o", out, trace); code != 0 && code != 1 {
		t.Fatalf("report: exit code %d: %s", code, stderr)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	j := judge{t: t, truth: e}
	if err := json.Unmarshal(text, &j.told); err != nil {
		t.Fatal(err)
	}
	j.findings()
	j.moment()
}

func lacks(t *testing.T, name, text string, wanted []string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", name, w, text)
		}
	}
}

// runLooptrace runs the program under test, which TestMain put on the PATH.
func runLooptrace(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("looptrace", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PYTHON") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	code = cmd.ProcessState.ExitCode()
	if code < 0 { // it died of its child's signal, as it should
		code = 128 + signalOf(cmd.ProcessState)
	}
	return code, out.String(), errs.String()
}
