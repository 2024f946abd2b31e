package rule

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// checked judges the golden trace of that name, its text changed by the replacer.
func checked(t *testing.T, name string, change *strings.Replacer) *analyze.Result {
	t.Helper()
	ar, err := txtar.ParseFile("../../testdata/traces/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name != "trace" {
			continue
		}
		src, err := tracefile.ReadText(bytes.NewReader([]byte(change.Replace(string(f.Data)))))
		if err != nil {
			t.Fatal(err)
		}
		run, err := analyze.Build(src, analyze.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return Check(run, "test")
	}
	t.Fatal("no trace")
	return nil
}

// told is a finding with its line, its tests by their functions and its tasks.
func told(f *analyze.Finding) string {
	var tests, tasks []string
	for _, t := range f.Tests {
		function, _, _ := strings.Cut(t.Function, "[")
		tests = append(tests, function)
	}
	for _, t := range f.Tasks {
		tasks = append(tasks, t.Name)
	}
	line := 0
	if f.At != nil {
		line = f.At.Line
	}
	return fmt.Sprintf("%s:%d in %v about %v", f.Rule, line, tests, tasks)
}

// TestFindingsOfTests: what one close drops is told apart by the tests that made it, though all of it went through one helper;
// the task of a fixture for several tests is nobody's, and the child of a late task belongs to the test of that one.
func TestFindingsOfTests(t *testing.T) {
	res := checked(t, "tests", strings.NewReplacer())
	want := []string{
		"pending-at-close:0 in [] about [Task-2]",
		"pending-at-close:8 in [test_first] about [Task-7]",
		"pending-at-close:8 in [test_second] about [Task-6]",
	}
	got := map[string]int{}
	prints := map[string]bool{}
	for i := range res.Findings {
		got[told(&res.Findings[i])]++
		prints[res.Findings[i].Fingerprint] = true
	}
	for _, w := range want {
		if got[w] != 1 {
			t.Errorf("%s: %d times", w, got[w])
		}
	}
	if len(got) != len(want) || len(prints) != len(want) {
		t.Errorf("got %v with %d fingerprints", got, len(prints))
	}
}

// TestFingerprintNamesTheTest: the same leak in another test, or with other parameters, is another finding; in a fixture for
// several tests it does not matter which one came first.
func TestFingerprintNamesTheTest(t *testing.T) {
	byName := func(change ...string) map[string]string {
		prints := map[string]string{}
		res := checked(t, "tests", strings.NewReplacer(change...))
		for i := range res.Findings {
			prints[res.Findings[i].Tasks[0].Name] = res.Findings[i].Fingerprint
		}
		return prints
	}
	before := byName()
	after := byName("::test_first", "::test_other", "`|]", "`|2]", ":21:test_first", ":121:test_first")
	if before["Task-2"] != after["Task-2"] || before["Task-6"] == after["Task-6"] || before["Task-7"] == after["Task-7"] {
		t.Errorf("before %v\nafter  %v", before, after)
	}
	moved := byName(":21:test_first", ":121:test_first", "test_post.py:8:", "test_post.py:9:")
	if moved["Task-7"] != before["Task-7"] {
		t.Error("a fingerprint changed with a line")
	}
}

// TestOutsideOfTests: without a test runner the same trace is one finding, as the close is one.
func TestOutsideOfTests(t *testing.T) {
	res := checked(t, "tests", strings.NewReplacer(" runner=pytest name=", " was="))
	if len(res.Findings) != 1 || len(res.Findings[0].Tasks) != 3 || res.Findings[0].Tests != nil || len(res.Run.Tests) != 0 {
		t.Errorf("%d findings, %d tests", len(res.Findings), len(res.Run.Tests))
	}
}
