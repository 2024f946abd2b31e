package gitlab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gitlab.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("gitlab.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(t *testing.T, s *jsonschema.Schema, res *analyze.Result, root string) []issue {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res, root); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	var issues []issue
	if err := json.Unmarshal(b.Bytes(), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if seen[i.Fingerprint] {
			t.Error("equal fingerprints")
		}
		seen[i.Fingerprint] = true
	}
	return issues
}

func TestSchema(t *testing.T) {
	s := validator(t)
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		for _, root := range []string{goldentest.Root, "/elsewhere", ""} {
			want := len(res.Findings)
			if !res.Run.Health.Complete {
				want++
			}
			issues := check(t, s, res, root)
			if n := len(issues); n != want {
				t.Errorf("%d issues for %d findings", n, len(res.Findings))
			}
			if last := len(issues) - 1; !res.Run.Health.Complete && !strings.HasPrefix(issues[last].Description, "incomplete recording") {
				t.Errorf("a recording with parts missing ends with %+v", issues[last])
			}
		}
	})
}

// Equal fingerprints would be one issue, and a place outside the repository a dead link.
func TestIssuesStayApart(t *testing.T) {
	at := &analyze.Frame{File: "/opt/x.py", Line: 3, User: true}
	res := &analyze.Result{Run: &analyze.Run{Health: analyze.Health{Complete: true}}}
	for range 3 {
		res.Findings = append(res.Findings, analyze.Finding{Rule: "deadlock", Severity: analyze.Note, Message: "they wait", At: at, Fingerprint: "f"})
	}
	issues := check(t, validator(t), res, "/repo")
	if len(issues) != 3 || issues[0].Location.Path != "." || !strings.Contains(issues[0].Description, "/opt/x.py:3") {
		t.Errorf("%+v", issues)
	}
}

func TestLimit(t *testing.T) {
	res := &analyze.Result{Run: &analyze.Run{Health: analyze.Health{Complete: true}}}
	for i := range issuesTaken + 7 {
		res.Findings = append(res.Findings, analyze.Finding{Rule: "deadlock", Message: "m", Fingerprint: fmt.Sprint(i)})
	}
	issues := check(t, validator(t), res, "/repo")
	if n := len(issues); n != issuesTaken+1 || !strings.HasPrefix(issues[n-1].Description, "7 more findings") {
		t.Errorf("%d issues", n)
	}
}
