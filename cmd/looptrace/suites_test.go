package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testSuite is what is true of a suite of testdata/suites.
type testSuite struct {
	Tests int
	Leaks map[string][]string // test -> rules that may say so
	Sixth string

	dir     string
	command []string // runs it
	sixth   []string // what to add to run the sixth leak as well
	session bool     // one loop for all tests
}

func readSuite(t *testing.T, name string) testSuite {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("../../testdata/suites", name))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := testSuite{dir: dir}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSuiteUnittest: of 40 tests exactly the five that leak are named. Needs the standard library only.
func TestSuiteUnittest(t *testing.T) {
	for i, py := range slices.Backward(byVersion(t, pythonsHere(t))) {
		s := readSuite(t, "unittest_async")
		s.command = []string{py.path, "-W", "ignore", "-m", "unittest"}
		s.sixth = []string{"tests.test_fetch", "tests.test_outbox", "tests.sixth"}
		t.Run(fmt.Sprintf("3.%d#%d", py.minor, i), s.check)
		if all := os.Getenv("LOOPTRACE_ALL_PYTHONS"); all == "" || all == "0" {
			return
		}
	}
}

// TestSuitePytest: likewise with pytest-asyncio: plain, in the workers of pytest-xdist, and with one loop for all tests. What
// pytest prints is the same with and without looptrace.
func TestSuitePytest(t *testing.T) {
	wanted := []string{"pytest", "pytest_asyncio", "xdist"}
	paths := slices.DeleteFunc(strings.Split(os.Getenv("LOOPTRACE_THIRDPARTY_PYTHONS"), ":"), func(s string) bool { return s == "" })
	for _, py := range slices.Backward(byVersion(t, pythonsHere(t))) {
		paths = append(paths, py.path)
	}
	ran := false
	for i, path := range paths {
		py := equipped(t, path, wanted)
		if !slices.Contains(py.packages, "pytest") || !slices.Contains(py.packages, "pytest_asyncio") {
			continue
		}
		ran = true
		variants := map[string][]string{"plain": nil, "session": nil}
		if slices.Contains(py.packages, "xdist") {
			variants["xdist"] = []string{"-n", "2"}
		}
		for _, name := range slices.Sorted(maps.Keys(variants)) {
			s := readSuite(t, "pytest_asyncio")
			s.command = append([]string{py.path, "-m", "pytest", "-q"}, variants[name]...)
			s.sixth = []string{"tests", "sixth.py"}
			s.session = name == "session"
			t.Run(fmt.Sprintf("%s/3.%d#%d", name, py.minor, i), s.check)
		}
		if all := os.Getenv("LOOPTRACE_ALL_PYTHONS"); all == "" || all == "0" {
			break
		}
	}
	if !ran {
		t.Skip("no interpreter here has pytest and pytest-asyncio")
	}
}

// TestSuiteOdd: which test runs is told where tests hide the environment, work in threads and other processes, or have odd names.
func TestSuiteOdd(t *testing.T) {
	for _, path := range append(strings.Split(os.Getenv("LOOPTRACE_THIRDPARTY_PYTHONS"), ":"), pythonsHere(t)...) {
		if path == "" || !slices.Contains(equipped(t, path, []string{"pytest"}).packages, "pytest") {
			continue
		}
		dir, err := filepath.Abs("../../testdata/suites/pytest_odd")
		if err != nil {
			t.Fatal(err)
		}
		trace := filepath.Join(t.TempDir(), "t.ltrace")
		code, stdout, stderr := runLooptrace(t, dir, "run", "-q", "-o", trace, "--", path, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider")
		if code != 0 {
			t.Fatalf("%d\n%s%s", code, stdout, stderr)
		}
		want := []string{"test_environment_cleared", "test_environment_replaced", "test_in_child", "test_in_fork", "test_in_thread", "test_named[a::b [c] (call)]"}
		var got []string
		for name := range (testSuite{dir: dir}).judged(t, trace) {
			function := strings.TrimPrefix(name, "test_odd.py::")
			if !strings.HasPrefix(function, "test_named[xxx") {
				got = append(got, function)
			} else if len(function) > 600 {
				t.Errorf("a name of %d bytes", len(function))
			} else {
				got = append(got, "long")
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(append([]string{"long"}, want...), got); diff != "" {
			t.Errorf("tests with findings (-want +got):\n%s", diff)
		}
		return
	}
	t.Skip("no interpreter here has pytest")
}

// check runs the suite plainly and recorded, and looks at every report of it that names tests.
func (s testSuite) check(t *testing.T) {
	t.Setenv("PYTHONDONTWRITEBYTECODE", "1")
	scope := "function"
	if s.session {
		scope = "session"
	}
	t.Setenv("SUITE_LOOP_SCOPE", scope)
	tmp := t.TempDir()
	trace := filepath.Join(tmp, "t.ltrace")

	plain := exec.Command(s.command[0], s.command[1:]...)
	plain.Dir = s.dir
	want, err := plain.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	code, stdout, stderr := runLooptrace(t, s.dir, append([]string{"run", "--quiet", "-o", trace, "--"}, s.command...)...)
	if got := stdout + stderr; code != 0 || timeless(got) != timeless(string(want)) {
		t.Errorf("status %d, output differs (-plain +recorded):\n%s", code, cmp.Diff(timeless(string(want)), timeless(got)))
	}
	s.inJSON(t, trace)
	s.inText(t, trace)
	s.inJUnit(t, trace)
	s.inSARIF(t, trace)
	s.withBaseline(t, tmp, trace)
}

// timeless leaves out how long it took, and in which order workers came to their tests.
func timeless(text string) string {
	text = regexp.MustCompile(`Executing <.*> took [0-9.]+ seconds\n`).ReplaceAllString(text, "") // unittest's loops debug; a busy machine is slow
	return regexp.MustCompile(`in [0-9.]+s|0x[0-9a-f]+`).ReplaceAllString(text, "_")
}

func (s testSuite) names() []string { return slices.Sorted(maps.Keys(s.Leaks)) }

// judged returns the findings by test, with their rules. Those of no test and notes are nothing to act on here.
func (s testSuite) judged(t *testing.T, args ...string) map[string][]string {
	t.Helper()
	_, out, stderr := runLooptrace(t, s.dir, append([]string{"report", "--format", "json"}, args...)...)
	var report struct {
		Tests []struct {
			ID   int
			Name string
			File *string
			Line *int
		}
		Findings []struct {
			Rule, Severity, Message string
			Tests                   []int
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	names := map[int]string{}
	for _, test := range report.Tests {
		names[test.ID] = test.Name
		if s.Tests > 0 && (test.File == nil || test.Line == nil) {
			t.Errorf("%s: its file and line are not known", test.Name)
		}
	}
	if len(names) < s.Tests {
		t.Errorf("%d tests seen, want %d", len(names), s.Tests)
	}
	found := map[string][]string{}
	for _, f := range report.Findings {
		if len(f.Tests) == 0 && f.Severity != "note" {
			t.Errorf("a finding of no test: %s: %s", f.Rule, f.Message)
		}
		for _, id := range f.Tests {
			found[names[id]] = append(found[names[id]], f.Rule)
		}
	}
	return found
}

func (s testSuite) inJSON(t *testing.T, trace string) {
	found := s.judged(t, trace)
	if diff := cmp.Diff(s.names(), slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("JSON: tests with findings (-want +got):\n%s", diff)
	}
	for name, rules := range found {
		for _, r := range rules {
			if !slices.Contains(s.Leaks[name], r) {
				t.Errorf("JSON: %s: %s", name, r)
			}
		}
	}
}

func (s testSuite) inText(t *testing.T, trace string) {
	_, out, _ := runLooptrace(t, s.dir, "report", trace)
	_, overview, ok := strings.Cut(out, "\nfindings in "+fmt.Sprintf("%d of %d tests:\n", len(s.Leaks), s.Tests))
	if !ok {
		t.Fatalf("text: no overview:\n%s", out)
	}
	for _, name := range s.names() {
		if !strings.Contains(out, "\ntest: "+name+"\n") {
			t.Errorf("text: %s is not named", name)
		}
		function := name[strings.LastIndexAny(name, ".:")+1:]
		if lines := regexp.MustCompile(`(?m)^ {8}(\w+\.)?`+function+`$`).FindAllString(overview, -1); len(lines) != 1 {
			t.Errorf("text: %s is not in the overview:\n%s", function, overview)
		}
	}
	if n := strings.Count(out, "\ntest: "); n != len(s.Leaks) {
		t.Errorf("text: %d findings with a test", n)
	}
}

func (s testSuite) inJUnit(t *testing.T, trace string) {
	_, out, _ := runLooptrace(t, s.dir, "report", "--format", "junit", trace)
	var report struct {
		Cases []struct {
			Class   string    `xml:"classname,attr"`
			Name    string    `xml:"name,attr"`
			Failure *struct{} `xml:"failure"`
			Skipped *struct{} `xml:"skipped"` // a warning
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	var bad []string
	tests := 0
	for _, c := range report.Cases {
		if strings.HasPrefix(c.Name, "test_") {
			tests++
			if c.Failure != nil || c.Skipped != nil {
				bad = append(bad, c.Name)
			}
		}
	}
	var want []string
	for _, name := range s.names() {
		want = append(want, name[strings.LastIndexAny(name, ".:")+1:])
	}
	slices.Sort(want)
	slices.Sort(bad)
	if diff := cmp.Diff(want, bad); diff != "" || tests != s.Tests {
		t.Errorf("JUnit: %d cases; those that are not clean (-want +got):\n%s", tests, diff)
	}
}

func (s testSuite) inSARIF(t *testing.T, trace string) {
	_, out, _ := runLooptrace(t, s.dir, "report", "--format", "sarif", trace)
	var report struct {
		Runs []struct {
			Results []struct {
				Properties struct{ Tests []string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Runs) != 1 {
		t.Fatal(err)
	}
	var names []string
	for _, r := range report.Runs[0].Results {
		names = append(names, r.Properties.Tests...)
	}
	slices.Sort(names)
	if diff := cmp.Diff(s.names(), names); diff != "" {
		t.Errorf("SARIF: tests (-want +got):\n%s", diff)
	}
}

// withBaseline: once the five are accepted, another run has nothing new, and a sixth test that leaks through the same helper
// is the only thing that is.
func (s testSuite) withBaseline(t *testing.T, tmp, trace string) {
	baseline := filepath.Join(tmp, "baseline.json")
	if code, _, stderr := runLooptrace(t, s.dir, "report", "--baseline", baseline, "--update-baseline", trace); code != 0 && code != 1 {
		t.Fatalf("--update-baseline: %d\n%s", code, stderr)
	}
	if found := s.judged(t, "--baseline", baseline, trace); len(found) != 0 {
		t.Errorf("with a baseline of them: %v", found)
	}
	again := filepath.Join(tmp, "again.ltrace")
	args := append([]string{"run", "--quiet", "-o", again, "--"}, s.command...)
	if code, stdout, stderr := runLooptrace(t, s.dir, append(args, s.sixth...)...); code != 0 {
		t.Fatalf("%d\n%s%s", code, stdout, stderr)
	}
	found := s.judged(t, "--baseline", baseline, again)
	if diff := cmp.Diff([]string{s.Sixth}, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("new with a sixth leak (-want +got):\n%s", diff)
	}
}
