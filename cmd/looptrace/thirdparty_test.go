package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestThirdParty runs the programs of testdata/thirdparty, which need packages that may not be here, on an interpreter that
// has them: the newest one, all of them with LOOPTRACE_ALL_PYTHONS=1. LOOPTRACE_THIRDPARTY_PYTHONS names interpreters
// (such as that of a virtual environment) to try beside those of TestPrograms.
func TestThirdParty(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/thirdparty/*/app.py")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	requires := map[string][]string{}
	var packages []string
	for _, app := range cases {
		requires[app] = required(t, app)
		packages = append(packages, requires[app]...)
	}
	slices.Sort(packages)
	var have []equippedPython
	for _, path := range strings.Split(os.Getenv("LOOPTRACE_THIRDPARTY_PYTHONS"), ":") {
		if path != "" {
			have = append(have, equipped(t, path, slices.Compact(packages)))
		}
	}
	for _, py := range slices.Backward(byVersion(t, pythonsHere(t))) {
		have = append(have, equipped(t, py.path, slices.Compact(packages)))
	}
	var skipped []string
	t.Run("programs", func(t *testing.T) {
		for _, app := range cases {
			if runThirdParty(t, app, requires[app], have) == 0 {
				skipped = append(skipped, filepath.Base(filepath.Dir(app)))
			}
		}
	})
	if len(skipped) > 0 {
		t.Logf("skipped, no interpreter here has what they need: %s", strings.Join(skipped, " "))
	}
}

// runThirdParty starts a program on one interpreter that has its packages, or on all. It returns on how many.
func runThirdParty(t *testing.T, app string, requires []string, have []equippedPython) int {
	t.Helper()
	dir, err := filepath.Abs(filepath.Dir(app))
	if err != nil {
		t.Fatal(err)
	}
	all := os.Getenv("LOOPTRACE_ALL_PYTHONS")
	runs := 0
	for i, py := range have {
		if runs > 0 && (all == "" || all == "0") {
			break
		}
		if slices.ContainsFunc(requires, func(name string) bool { return !slices.Contains(py.packages, name) }) {
			continue
		}
		if expect := expectation(t, dir, py.minor); expect != nil {
			runs++
			t.Run(fmt.Sprintf("%s/3.%d#%d", filepath.Base(dir), py.minor, i), func(t *testing.T) {
				t.Parallel()
				tryProgram(t, py.path, expect)
			})
		}
	}
	return runs
}

// equippedPython is an interpreter and those of the wanted packages that it has.
type equippedPython struct {
	minorPython
	packages []string
}

func equipped(t *testing.T, path string, packages []string) equippedPython {
	t.Helper()
	script := "import sys, importlib.util as u; print(*[p for p in sys.argv[1:] if u.find_spec(p)])"
	out, err := exec.Command(path, append([]string{"-c", script}, packages...)...).Output()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return equippedPython{byVersion(t, []string{path})[0], strings.Fields(string(out))}
}

// required returns the packages that a program imports.
func required(t *testing.T, app string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(app), "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Requires []string }
	if err := json.Unmarshal(text, &e); err != nil || len(e.Requires) == 0 {
		t.Fatalf("%s: no packages in \"requires\": %v", app, err)
	}
	return e.Requires
}
