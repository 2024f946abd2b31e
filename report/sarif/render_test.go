package sarif

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func render(t *testing.T, res *analyze.Result, o Options) run {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res, o); err != nil {
		t.Fatal(err)
	}
	var got log
	dec := json.NewDecoder(&b)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	return got.Runs[0]
}

// Every result has what GitHub asks for: its rule, one place with a whole region and a fingerprint of its own.
func TestResultsAreWhole(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		got := render(t, res, Options{Root: goldentest.Root})
		if len(got.Results) != len(res.Findings) || len(got.Tool.Driver.Rules) != len(res.Rules) {
			t.Fatalf("%d results of %d findings", len(got.Results), len(res.Findings))
		}
		prints := map[string]bool{}
		for _, r := range got.Results {
			if got.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID || len(r.Locations) != 1 || r.Message.Text == "" {
				t.Errorf("%+v", r)
			}
			if print := r.PartialFingerprints["primaryLocationLineHash"]; print == "" || prints[print] {
				t.Errorf("fingerprint %q", print)
			} else {
				prints[print] = true
			}
			locations := append(r.Locations, r.RelatedLocations...)
			for _, flow := range r.CodeFlows {
				for _, thread := range flow.ThreadFlows {
					for i, l := range thread.Locations {
						if l.ExecutionOrder != i+1 || l.Location.Message == nil {
							t.Errorf("%+v", l)
						}
						locations = append(locations, l.Location)
					}
				}
			}
			for _, l := range locations {
				checkLocation(t, l.PhysicalLocation)
			}
		}
	})
}

func checkLocation(t *testing.T, l *physicalLocation) {
	t.Helper()
	r := l.Region
	if r.StartLine < 1 || r.EndLine != r.StartLine || r.StartColumn < 1 || r.EndColumn <= r.StartColumn {
		t.Errorf("region %+v", r)
	}
	u, err := url.Parse(l.ArtifactLocation.URI)
	if err != nil || (l.ArtifactLocation.URIBaseID == sourceRoot) == u.IsAbs() {
		t.Errorf("%+v: %v", l.ArtifactLocation, err)
	}
}

// The story of a task that was left: where it was spawned, where it waited, and the close.
func TestFlow(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["handlers"])
	got := render(t, res, Options{Root: goldentest.Root})
	var said []string
	for _, l := range got.Results[0].CodeFlows[0].ThreadFlows[0].Locations {
		said = append(said, fmt.Sprintf("%d %s", l.Location.PhysicalLocation.Region.StartLine, l.Location.Message.Text))
	}
	want := "21 Task-4 was spawned by the library (asyncio/streams.py:connection_made) under this call.\n" +
		"6 When the loop was closed, Task-4 was waiting here for I/O.\n22 The loop was closed here."
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAccepted(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	f := res.Findings
	res.Findings = f[:1]
	res.Silenced = []analyze.Silenced{
		{Finding: f[1], By: analyze.Suppression{File: "/app/app.py", Line: 31, Comment: true, Reason: "known"}},
		{Finding: f[2], By: analyze.Suppression{File: "base.json", Line: 3}},
	}
	got := render(t, res, Options{Root: goldentest.Root}).Results
	if len(got) != 3 || got[0].BaselineState != "" || len(*got[0].Suppressions) != 0 {
		t.Fatalf("%+v", got)
	}
	s := (*got[1].Suppressions)[0]
	if s.Kind != "inSource" || s.Justification != "known" || s.Location.PhysicalLocation.Region.StartLine != 31 {
		t.Errorf("%+v", s)
	}
	if s := (*got[2].Suppressions)[0]; s.Kind != "external" || s.Location != nil {
		t.Errorf("%+v", s)
	}
	res.Silenced[1].By.Baseline = true
	got = render(t, res, Options{Root: goldentest.Root}).Results
	if got[0].BaselineState != "new" || got[1].BaselineState != "new" || got[2].BaselineState != "unchanged" {
		t.Error(got[0].BaselineState, got[1].BaselineState, got[2].BaselineState)
	}
}

// GitHub refuses a file with more results, and one of more than 10 MB compressed; what was cut is said.
func TestLimits(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	one := res.Findings[1]
	res.Findings = nil
	for i := range resultsTaken + 5 {
		one.Fingerprint = fmt.Sprint(i % 100)
		res.Findings = append(res.Findings, one)
	}
	got := render(t, res, Options{})
	if len(got.Results) != resultsTaken {
		t.Fatalf("%d results", len(got.Results))
	}
	if text := got.Invocations[0].ToolExecutionNotifications[0].Message.Text; !strings.HasPrefix(text, "5 of 25005 results were left out") {
		t.Error(text)
	}
	if got.Results[detailedTaken-1].CodeFlows == nil || got.Results[detailedTaken].CodeFlows != nil {
		t.Error("details end elsewhere")
	}
	if first, again := got.Results[0].PartialFingerprints, got.Results[100].PartialFingerprints; first["primaryLocationLineHash"] != "0:1" || again["primaryLocationLineHash"] != "0:2" {
		t.Error(first, again)
	}
}

func TestTool(t *testing.T) {
	res := &analyze.Result{Run: &analyze.Run{}, Tool: "v1.2.3-rc.1"}
	if d := render(t, res, Options{Category: "/unit/"}); d.Tool.Driver.SemanticVersion != "1.2.3-rc.1" || d.AutomationDetails.ID != "looptrace/unit/" {
		t.Errorf("%+v %+v", d.Tool.Driver, d.AutomationDetails)
	}
	res.Tool = "devel"
	if d := render(t, res, Options{}); d.Tool.Driver.SemanticVersion != "0.0.0-devel" || d.AutomationDetails.ID != "looptrace/" {
		t.Errorf("%+v %+v", d.Tool.Driver, d.AutomationDetails)
	}
}

// A name must not become a link in a viewer.
func TestNamesAreNoLinks(t *testing.T) {
	res := &analyze.Result{Run: &analyze.Run{}, Findings: []analyze.Finding{{Rule: "deadlock", Message: "task [press](http://x) waits"}}}
	if got := render(t, res, Options{}).Results[0]; strings.Contains(got.Message.Text, "](") || got.Locations != nil {
		t.Errorf("%+v", got)
	}
}
