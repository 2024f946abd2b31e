package jsonl

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
	"github.com/looptrace/looptrace/report/jsonreport"
)

func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	base := "https://github.com/looptrace/looptrace/report/"
	for name, text := range map[string]string{"jsonl": Schema(), "jsonreport": jsonreport.Schema()} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+name+"/schema.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(base + "jsonl/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func linesOf(t *testing.T, res *analyze.Result) []map[string]any {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for line := range bytes.Lines(b.Bytes()) {
		var l map[string]any
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// The lines follow the schema, and hold the objects of the JSON report and nothing else.
func TestLinesAreTheReport(t *testing.T) {
	s := validator(t)
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		if len(res.Findings) > 1 {
			last := len(res.Findings) - 1
			res.Silenced = []analyze.Silenced{{Finding: res.Findings[last], By: analyze.Suppression{File: "s", Line: 1, Rules: []string{"*"}}}}
			res.Unused = []analyze.Suppression{{File: "app.py", Line: 3, Comment: true}}
			res.Findings = res.Findings[:last]
		}
		var b bytes.Buffer
		if err := jsonreport.Render(&b, res); err != nil {
			t.Fatal(err)
		}
		var report map[string]any
		if err := json.Unmarshal(b.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		lists := map[string]string{
			"process": "processes", "loop": "loops", "close": "closes", "task": "tasks", "finding": "findings", "silenced": "silenced",
			"unused_suppression": "unused_suppressions", "test": "tests", "site": "sites",
		}
		got := map[string]any{"schema": report["schema"]}
		for _, list := range lists {
			if report[list] != nil {
				got[list] = []any{}
			}
		}
		for _, l := range linesOf(t, res) {
			if err := s.Validate(l); err != nil {
				t.Fatal(err)
			}
			kind := l["type"].(string)
			delete(l, "type")
			if list := lists[kind]; list != "" {
				got[list] = append(got[list].([]any), l)
				continue
			}
			delete(l, "schema")
			delete(l, "tool")
			got[kind] = l
		}
		if !reflect.DeepEqual(got, report) {
			t.Error("the lines differ from the report")
		}
	})
}

func TestSchemaRefuses(t *testing.T) {
	s := validator(t)
	lines := linesOf(t, goldentest.Judge(t, goldentest.Traces(t)["deadlock"]))
	if lines[0]["type"] != "run" || lines[0]["schema"] != SchemaName || lines[len(lines)-1]["type"] != "health" {
		t.Error("the lines begin or end with another type")
	}
	for _, l := range lines {
		kind := l["type"].(string)
		for _, damaged := range []string{"none", "", map[string]string{"task": "finding"}[kind]} {
			l["type"] = damaged
			if s.Validate(l) == nil {
				t.Errorf("a %s passes as %q", kind, damaged)
			}
		}
	}
}
