package analyze

import "testing"

// TestOneTestInSeveralProcesses: a test that starts processes is one test; equal names in two directories are two.
func TestOneTestInSeveralProcesses(t *testing.T) {
	run := &Run{}
	for _, file := range []string{"/a/t.py", "/a/t.py", "/b/t.py"} {
		run.Tests = append(run.Tests, &Test{ID: len(run.Tests) + 1, Runner: "pytest", Name: "t.py::test_run", File: file})
	}
	res := &Result{Run: run, Findings: []Finding{{Rule: "x", Tests: run.Tests[:1]}, {Rule: "x", Tests: run.Tests[1:2]}}}
	if n := run.CountTests(); n != 2 {
		t.Errorf("%d tests, want 2", n)
	}
	if n := res.LeakingTests(); n != 1 {
		t.Errorf("%d tests with findings, want 1", n)
	}
	if files := res.LeaksByTest(); len(files) != 1 || files[0].Tests != 1 {
		t.Errorf("got %+v, want one file with one test", files)
	}
}
