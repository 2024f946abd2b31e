package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/analyze"
)

// goleakDir holds tests that leak goroutines, in a module of their own.
const goleakDir = "../../testdata/goleak"

// leftGoroutine is one line of a truth.json: goroutines that tests leave behind.
type leftGoroutine struct {
	Test   string `json:"test"`  // that made them, itself or through others; "": none
	Start  string `json:"start"` // full name of the function they start with
	Made   string `json:"made"`  // mark of the go statement's line; "": no line of the program
	Waits  string `json:"waits"` // mark of the line where they wait
	On     string `json:"on"`
	Known  string `json:"known,omitempty"`  // they are no leak by themselves: as what
	Count  int    `json:"count,omitempty"`  // 0: one
	Goleak *bool  `json:"goleak,omitempty"` // whether goleak tells of them; nil: it does
}

// goleakTruth returns the truth about each package, by name.
func goleakTruth(t *testing.T) map[string][]leftGoroutine {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goleakDir, "*", "truth.json"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	truth := map[string][]leftGoroutine{}
	for _, file := range files {
		var list struct{ Goroutines []leftGoroutine }
		if err := json.Unmarshal([]byte(textOf(t, file)), &list); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		truth[filepath.Base(filepath.Dir(file))] = list.Goroutines
	}
	return truth
}

// marks returns the lines of the module that a comment marks, by mark: "pool/pool.go:11".
func marks(t *testing.T, pkg string) map[string]string {
	t.Helper()
	mark := regexp.MustCompile(`// ([a-z ]+: (?:made|waits))$`)
	lines := map[string]string{}
	err := filepath.WalkDir(filepath.Join(goleakDir, pkg), func(file string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".go" {
			return err
		}
		for i, line := range strings.Split(textOf(t, file), "\n") {
			if m := mark.FindStringSubmatch(line); m != nil {
				lines[m[1]] = fmt.Sprintf("%s:%d", filepath.Base(file), i+1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// want returns a line of text for each goroutine of the truth.
func want(t *testing.T, pkg string, truth []leftGoroutine) []string {
	t.Helper()
	at := marks(t, pkg)
	line := func(mark string) string {
		if mark != "" && at[mark] == "" {
			t.Errorf("%s: no line is marked %q", pkg, mark)
		}
		return at[mark]
	}
	var list []string
	for _, g := range truth {
		text := goroutineText(g.Test, g.Start, line(g.Made), line(g.Waits), g.On, g.Known)
		list = append(list, slices.Repeat([]string{text}, max(g.Count, 1))...)
	}
	slices.Sort(list)
	return list
}

func goroutineText(test, start, made, waits, on, known string) string {
	return fmt.Sprintf("%s: %s made at %s, waits at %s on %s, known %q", test, start, made, waits, on, known)
}

// One recording of all tests says of each left-over goroutine which test made it, in which line, and where it waits, also of
// those of tests that ran at the same time. Each is told of in a finding of that test, and innocent tests have none.
func TestGoleakScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the standard library anew")
	}
	t.Parallel()
	trace := filepath.Join(t.TempDir(), "goleak.ltrace")
	code, stdout, stderr := runLooptrace(t, goleakDir, "run", "-q", "-o", trace, "--", "go", "test", "-count=1", "./...")
	if code != 1 || strings.Count(stdout, "\nok ")+strings.Count(stdout[:3], "ok ") < 10 { // one package has a test that fails
		t.Fatalf("status %d\n%s%s", code, stdout, stderr)
	}
	res, err := load(trace, reading{})
	if err != nil {
		t.Fatal(err)
	}
	truth := goleakTruth(t)
	for _, p := range res.Run.Processes {
		pkg := strings.TrimSuffix(path.Base(slices.Concat(p.Argv, []string{""})[0]), ".test")
		t.Run(pkg, func(t *testing.T) {
			left, ok := truth[pkg]
			if !ok {
				t.Fatal("nothing is known of it")
			}
			delete(truth, pkg)
			checkLeft(t, p, want(t, pkg, left))
			checkTold(t, res, p)
		})
	}
	for pkg := range truth {
		t.Errorf("%s was not recorded", pkg)
	}
	t.Run("ignored by name", func(t *testing.T) { checkFolded(t, trace) })
}

// checkLeft compares the goroutines that were left in a process with the truth.
func checkLeft(t *testing.T, p *analyze.Process, want []string) {
	t.Helper()
	var got []string
	for _, l := range p.Exit.Live {
		if l.Task.Known == "runtime" || l.Task.Known == "testing" || l.Task.Site.Coro == "main.main" || l.Task.Site.Coro == "runtime.main" {
			continue
		}
		test := ""
		if l.Task.Test != nil {
			test = l.Task.Test.Name
		}
		got = append(got, goroutineText(test, l.Task.Site.Coro, lineOf(l.Task.Site.At), lineOf(l.At), l.On.Kind, l.Task.Known))
	}
	slices.Sort(got)
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("goroutines (-want +got):\n%s", d)
	}
}

// checkTold looks for a finding for each goroutine that is left, of the test that made it.
func checkTold(t *testing.T, res *analyze.Result, p *analyze.Process) {
	t.Helper()
	told := map[*analyze.Task]bool{}
	for _, f := range res.Findings {
		if f.Process == p && len(f.Tasks) == 0 {
			t.Errorf("not about goroutines: %s", f.Message)
		}
		for _, task := range f.Tasks {
			if task.Process != p {
				continue
			}
			told[task] = true
			if task.Test != nil && !slices.Contains(f.Tests, task.Test) || task.Test == nil && len(f.Tests) > 0 {
				t.Errorf("%s of %v is told of %s", task.Site.Coro, task.Test, f.Message)
			}
			if task.Known != "" || task.EndedNS != 0 {
				t.Errorf("accused: %s", f.Message)
			}
		}
	}
	for _, l := range p.Exit.Live {
		if l.Task.Known == "" && !told[l.Task] && l.Task.Site.Coro != "main.main" && l.Task.Site.Coro != "runtime.main" {
			t.Errorf("not told of: %s of %v", l.Task.Site.Coro, l.Task.Test)
		}
	}
}

// checkFolded names a function whose goroutines are no leak, as goleak's IgnoreAnyFunction does, without a change to the tests.
func checkFolded(t *testing.T, trace string) {
	const ignored = "example.test/goleak/family.wait"
	for _, fold := range [][]string{nil, {ignored}} {
		res, err := load(trace, reading{goFlags: goFlags{fold: fold}})
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, f := range res.Findings {
			for _, task := range f.Tasks {
				if task.Site.Coro == ignored {
					told++
				}
			}
		}
		if (told > 0) == (len(fold) > 0) {
			t.Errorf("folded %v: %d goroutines are told of", fold, told)
		}
	}
}

func lineOf(f *analyze.Frame) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
}

// goleak itself tells of the same goroutines, as far as it can: it is asked at the end of each package, which is the only
// moment that it knows of, and says neither which test nor which line made them.
func TestGoleakAgrees(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs goleak")
	}
	t.Parallel()
	const modfile = "-modfile=real.mod"
	if out, err := goleakCommand("list", modfile, "go.uber.org/goleak").CombinedOutput(); err != nil {
		t.Skipf("goleak cannot be had: %s", out)
	}
	truth := goleakTruth(t)
	var want []string
	for _, left := range truth {
		for _, g := range left {
			if g.Goleak == nil || *g.Goleak {
				want = append(want, slices.Repeat([]string{g.Start}, max(g.Count, 1))...)
			}
		}
	}
	overlay := withGoleak(t, slices.Sorted(maps.Keys(truth)))
	out, _ := goleakCommand("test", modfile, "-count=1", "-overlay="+overlay, "./...").CombinedOutput() // it fails: there are leaks
	got := goleakFound(string(out))
	slices.Sort(want)
	slices.Sort(got)
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("goleak (-truth +got):\n%s\n%s", d, out)
	}
}

func goleakCommand(args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = goleakDir
	return cmd
}

// withGoleak returns an overlay that has goleak look at the end of the tests of each package.
func withGoleak(t *testing.T, packages []string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	replace := map[string]string{}
	for _, pkg := range packages {
		file, err := filepath.Abs(filepath.Join(goleakDir, pkg, pkg+"_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		source := strings.Replace(textOf(t, file), "import (\n", "import (\n\t\"go.uber.org/goleak\"\n", 1)
		if own := "os.Exit(m.Run())"; strings.Contains(source, own) {
			source = strings.Replace(source, own, "goleak.VerifyTestMain(m)", 1) + "\nvar _ = os.Exit\n"
		} else {
			source += "\nfunc TestMain(m *testing.M) { goleak.VerifyTestMain(m) }\n"
		}
		replace[file] = write(pkg+".go", source)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return write("overlay.json", string(text))
}

// goleakFound returns the start function of each goroutine that goleak tells of.
func goleakFound(out string) []string {
	var list []string
	for _, stack := range regexp.MustCompile(`(?s)Goroutine \d+ in state .*?\ncreated by [^\n]+`).FindAllString(out, -1) {
		functions := regexp.MustCompile(`(?m)^(\S+)\(.*\)$`).FindAllStringSubmatch(stack, -1)
		if n := len(functions); n > 0 {
			list = append(list, functions[n-1][1])
		}
	}
	return list
}
