package diffreport

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/report/internal/goldentest"
	"github.com/looptrace/looptrace/report/markdown"
	"github.com/looptrace/looptrace/report/term"
)

// runs returns pairs of recorded runs.
func runs(t *testing.T) map[string]*compare.Report {
	t.Helper()
	traces := goldentest.Traces(t)
	judge := func(trace string) *compare.Side { return compare.Of(goldentest.Judge(t, trace)) }
	moved := strings.NewReplacer("/app/app.py:", "/builds/7/app.py:1", "cwd=/app", "cwd=/builds/7").Replace(traces["deadlock"])
	unknown := compare.Of(&analyze.Result{Run: &analyze.Run{Tasks: []*analyze.Task{{}}}})
	out := map[string]*compare.Report{}
	for name, sides := range map[string][2]*compare.Side{
		"same":    {judge(traces["deadlock"]), judge(moved)},
		"other":   {judge(traces["deadlock"]), judge(traces["handlers"])},
		"hostile": {judge(traces["handlers"]), judge(goldentest.Hostile(traces["handlers"]))},
		"less":    {judge(changed(t, traces["handlers"])), judge(traces["handlers"])},
		"tests":   {judge(traces["stop"]), judge(traces["tests"])},
		"unknown": {judge(traces["killed"]), unknown},
	} {
		out[name] = compare.Runs(sides[0], sides[1], compare.Options{MinChange: 1.5})
	}
	return out
}

// changed returns a run in which a task more was left.
func changed(t *testing.T, trace string) string {
	t.Helper()
	lines := strings.Split(trace, "\n")
	for i, l := range lines {
		if strings.Contains(l, " live_task ") {
			lines[i] = "" // a task fewer
			return strings.Join(lines, "\n")
		}
	}
	t.Fatal("no live task")
	return ""
}

func TestGoldens(t *testing.T) {
	for name, r := range runs(t) {
		for extension, render := range map[string]func(*bytes.Buffer) error{
			"json": func(b *bytes.Buffer) error { return Render(b, r) },
			"md":   func(b *bytes.Buffer) error { return markdown.Diff(b, r) },
			"txt":  func(b *bytes.Buffer) error { return term.Diff(b, r, term.Options{Width: 100}) },
		} {
			t.Run(name+"_"+extension, func(t *testing.T) {
				var b bytes.Buffer
				if err := render(&b); err != nil {
					t.Fatal(err)
				}
				if i := bytes.IndexAny(b.Bytes(), "\x1b\x00\u202e"); i >= 0 {
					t.Errorf("it acts on a terminal: %q", b.Bytes()[max(0, i-40):i+20])
				}
				goldentest.Compare(t, name+"."+extension, b.Bytes())
			})
		}
	}
}

// What a program calls itself makes no markup in Markdown.
func TestHostileMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := markdown.Diff(&b, runs(t)["hostile"]); err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile("(?m)<b|[^\\\\]\\[a\\]|[^\\\\]`|@all|^::").FindString(strings.ReplaceAll(b.String(), "<br>", "")); found != "" {
		t.Errorf("it has %q:\n%s", found, b.String())
	}
	columns := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		if strings.HasPrefix(line, "| :") {
			columns = strings.Count(line, "|")
		} else if strings.HasPrefix(line, "| ") && columns > 0 && strings.Count(line, "|") != columns {
			t.Errorf("a row has other columns: %s", line)
		} else if line == "" {
			columns = 0
		}
	}
}

func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("diff.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("diff.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range runs(t) {
		var b bytes.Buffer
		if err := Render(&b, r); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		doc, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// The schema can fail, and knows every field.
		for _, damaged := range []string{
			strings.Replace(text, `"looptrace.diff/v1"`, `"looptrace.diff/v2"`, 1), strings.Replace(text, `"tasks": `, `"task": `, 1),
			strings.Replace(text, `"sites": [`, `"sites": [1, `, 1), strings.Replace(text, `"accepted": `, `"accept": `, 1),
		} {
			if doc, err := jsonschema.UnmarshalJSON(strings.NewReader(damaged)); err == nil && damaged != text && s.Validate(doc) == nil {
				t.Errorf("%s: the schema takes a damaged one", name)
			}
		}
	}
	checkFields(t)
}

// checkFields looks for every field that is written in the schema.
func checkFields(t *testing.T) {
	t.Helper()
	var b bytes.Buffer
	for _, r := range runs(t) {
		if err := Render(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^ *"([a-z_]+)": `).FindAllStringSubmatch(b.String(), -1) {
		if !strings.Contains(Schema(), `"`+m[1]+`": {`) {
			t.Errorf("%s is not in the schema", m[1])
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func TestFailedWrite(t *testing.T) {
	r := runs(t)["same"]
	if Render(full{}, r) == nil || markdown.Diff(full{}, r) == nil || term.Diff(full{}, r, term.Options{}) == nil {
		t.Error("a failed write is not told")
	}
	if !json.Valid([]byte(Schema())) {
		t.Error("the schema is no JSON")
	}
}
