package jsonreport

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// golden returns the result of every golden trace.
func golden(t *testing.T) map[string]*analyze.Result {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/traces/*.txtar")
	out := map[string]*analyze.Result{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name != "trace" {
				continue
			}
			src, err := tracefile.ReadText(bytes.NewReader(f.Data))
			if err != nil {
				t.Fatal(file, err)
			}
			run, err := analyze.Build(src, analyze.Options{})
			if err != nil {
				t.Fatal(file, err)
			}
			out[filepath.Base(file)] = rule.Check(run, "test")
		}
	}
	if len(out) == 0 {
		t.Fatal("no golden traces")
	}
	return out
}

// A report says all that two runs are compared by: what is read from it differs in nothing from what it was written from.
func TestReadBack(t *testing.T) {
	for name, res := range golden(t) {
		again, err := Read(bytes.NewReader(render(t, res)), name)
		if err != nil {
			t.Error(err)
			continue
		}
		a, b := compare.Of(res), compare.Of(again)
		if diff := cmp.Diff(a.Totals, b.Totals); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		r := compare.Runs(a, b, compare.Options{MinChange: 1})
		if len(r.Added)+len(r.Gone)+len(r.Changed)+len(r.Sites) > 0 || r.Same != len(res.Findings) || r.Alike != len(a.Sites) {
			t.Errorf("%s: %d new, %d gone, %d changed, %d sites", name, len(r.Added), len(r.Gone), len(r.Changed), len(r.Sites))
		}
		for i := range res.Findings {
			if x, y := res.Findings[i], again.Findings[i]; x.Message != y.Message || x.Fingerprint != y.Fingerprint || len(x.Evidence) != len(y.Evidence) || analyze.IdentityOf(&x) != analyze.IdentityOf(&y) {
				t.Errorf("%s: finding %d is another one", name, i)
			}
		}
		if a.Totals.Tasks == 0 || a.NoSites || b.NoSites {
			t.Errorf("%s: no tasks or sites", name)
		}
	}
}

// Silenced findings and the process tree come back as well.
func TestReadBackSample(t *testing.T) {
	res := sample()
	res.Silenced = []analyze.Silenced{{Finding: res.Findings[1], By: analyze.Suppression{Baseline: true, File: "base", Line: 3, Rules: []string{"killed-by-signal"}}}}
	res.Unused = []analyze.Suppression{{Comment: true, File: "a.py", Line: 1, Rules: []string{"x"}, Reason: "why"}}
	res.Run.Processes[1].Forked = true
	again, err := Read(bytes.NewReader(render(t, res)), "sample")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(res.Silenced[0].By, again.Silenced[0].By); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(res.Unused, again.Unused); diff != "" {
		t.Error(diff)
	}
	child := again.Run.Processes[1]
	if child.Parent != again.Run.Processes[0] || !child.Forked || child.Exit.Signal != 9 || again.Run.Processes[0].Version != [3]int{3, 12, 1} {
		t.Errorf("%+v", child)
	}
	f := again.Findings[0]
	if f.Close != again.Run.Closes[0] || f.Tasks[0] != again.Run.Tasks[0] || f.Loop != again.Run.Loops[0] || f.Evidence[1].TimeNS != -1 || f.At.Qualname != "Bot.shutdown" {
		t.Errorf("%+v", f)
	}
}

func TestReadErrors(t *testing.T) {
	good := string(render(t, sample()))
	replaced := func(old, with string) string {
		t.Helper()
		if !strings.Contains(good, old) {
			t.Fatalf("the report has no %s", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	for text, want := range map[string]string{
		"":                                   "r:1:1: the report ends too early",
		"looptrace":                          "r:1:1: no JSON: invalid character 'l' looking for beginning of value",
		"[]":                                 "r:1:1: no report: it does not begin with {",
		"{}":                                 `r:1:1: no report: it has no "schema"`,
		good[:60]:                            "r:4:13: the report ends too early",
		good + "x":                           "something follows the end of the report",
		good + good:                          "something follows the end of the report",
		`{"schema": "looptrace.report/v1"}`:  `r:1:1: the report has no "run"`,
		replaced("report/v1", "report/v2"):   `r:2:13: the schema is "looptrace.report/v2", not "looptrace.report/v1"`,
		replaced(`"loops": [`, `"loops": {`): "loops is not a list",
		replaced(`"loops": [`, `"run": [`):   `"run" comes twice`,
		replaced(`"duration_ns": 10`, `"duration_ns": -10`):                                   "r: run.duration_ns is -10",
		replaced(`"duration_ns": 10`, `"duration_ns": 1e400`):                                 "run.duration_ns is number 1e400, not a whole number in range",
		replaced(`"severity": "error"`, `"severity": "bad"`):                                  `r: findings[0]: severity is "bad"`,
		replaced(`"rule": "close-running-loop"`, `"rule": ["x"]`):                             "findings[0].rule is array, not a string",
		replaced(`"rule": "close-running-loop"`, `"rule": ""`):                                "r: findings[0]: it has no rule",
		replaced(`"role": "child"`, `"role": "uncle"`):                                        `r: processes[1].role is "uncle"`,
		replaced(`"started_at": "2023`, `"started_at": "x2023`):                               "r: run.started_at is no time",
		replaced(`"parent": 1`, `"parent": 7`):                                                "r: there is no process 7",
		replaced(`"id": 2`, `"id": 1`):                                                        "r: process 1 is there twice",
		replaced(`"id": 1`, `"id": 0`):                                                        "r: a process has the id 0",
		strings.Replace(good, `"close": 0`, `"close": 9`, 1):                                  "r: findings[0]: there is no close 9",
		strings.Replace(good, `"tasks": [`+"\n        1", `"tasks": [99`, 1):                  "r: findings[0]: there is no task 99",
		`{"schema": "looptrace.report/v1", "run": {"command": [` + strings.Repeat("[", 20000): "no JSON",
	} {
		_, err := Read(strings.NewReader(text), "r")
		var read *ReadError
		if !errors.As(err, &read) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q\n got %v\nwant %s", text, err, want)
		}
	}
}

// What another version adds is passed over.
func TestReadUnknownFields(t *testing.T) {
	text := strings.Replace(string(render(t, sample())), `"rule": `, `"more": {"a": [1, {}]}, "rule": `, -1)
	text = strings.Replace(text, `"run": {`, `"more": [[1], {}], "run": {`, 1)
	if _, err := Read(strings.NewReader(text), "r"); err != nil {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Render(&b, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(`{"schema": "looptrace.report/v1", "run": {}, "processes": [{"id": 1, "role": "main", "parent": 1, "forked": true}], "loops": [], "closes": [], "tasks": [{"id": 1, "process": 1}], "findings": [{"rule": "r", "severity": "note", "tasks": [1]}], "health": {}}`)
	f.Fuzz(func(t *testing.T, text string) {
		res, err := Read(strings.NewReader(text), "r")
		if err != nil {
			var read *ReadError
			if !errors.As(err, &read) {
				t.Fatal(err)
			}
			return
		}
		side := compare.Of(res)
		if r := compare.Runs(side, side, compare.Options{}); len(r.Added)+len(r.Gone)+len(r.Changed) > 0 {
			t.Fatal("a report differs from itself")
		}
	})
}

// A mistake in the middle of a list is told with its place.
func TestReadErrorPlace(t *testing.T) {
	good := string(render(t, sample()))
	at := strings.Index(good, `"fix": {`)
	before := good[:at]
	line, column := 1+strings.Count(before, "\n"), at-strings.LastIndex(before, "\n")
	_, err := Read(strings.NewReader(before+`!`+good[at:]), "r")
	var read *ReadError
	if !errors.As(err, &read) || read.Line != line || read.Column != column {
		t.Errorf("%v, want %d:%d", err, line, column)
	}
}
