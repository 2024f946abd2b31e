package gotrace

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a test leaves behind belongs to it, although all ran side by side: what it made itself, through a goroutine that has
// ended, in a subtest, in a function of the standard library.
func TestTestsByAncestry(t *testing.T) {
	run := build(t, recorded("tests.trace"), Options{})
	got := map[string][]string{}
	for _, l := range run.Processes[0].Exit.Live {
		if l.Task.Test != nil {
			got[l.Task.Test.Name] = append(got[l.Task.Test.Name], strings.TrimPrefix(l.Task.Site.Coro, "example.com/app/"))
		}
	}
	want := map[string][]string{
		"TestWorker":            {"tests.(*Pool).work"},
		"TestGrandchild":        {"tests.leak.func1.1"},
		"TestTable (func1)":     {"tests.TestTable.func1.1"},
		"TestTable (func1 #2)":  {"tests.TestTable.func1.1"},
		"TestNamed (testNamed)": {"tests.leak.func1.1"},
		"TestUserTasks":         {"query", "runtime/trace.WithRegion"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	names := map[string]bool{}
	for _, test := range run.Tests {
		names[test.Name] = true
		if test.Runner != "go test" || test.Task == nil || test.EndNS == 0 {
			t.Errorf("%s: %+v", test.Name, test)
		}
	}
	if !names["TestRight"] || !names["TestClient"] {
		t.Errorf("tests: %v", names)
	}
}

// The texts of the program's own logs are values: they are nowhere.
func TestLogsAreNotRecorded(t *testing.T) {
	f, err := Open(recorded("tests.trace"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, line := range lines(f) {
		if strings.Contains(line, "secret") || strings.Contains(line, "\"value\"") {
			t.Error(line)
		}
	}
}
