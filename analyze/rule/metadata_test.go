package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestMetadata(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All() {
		if r.ID == "" || seen[r.ID] {
			t.Errorf("id %q is empty or used twice", r.ID)
		}
		seen[r.ID] = true
		if Lookup(r.ID) == nil || Lookup(r.ID).Title != r.Title {
			t.Errorf("%s: Lookup does not find it", r.ID)
		}
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || r.Since == "" || r.Check == nil || r.Severity == "" {
			t.Errorf("%s: incomplete metadata", r.ID)
		}
		for _, part := range []string{"**Reported**", "**Fix**"} {
			if !strings.Contains(r.Doc, part) {
				t.Errorf("%s: the documentation has no %s", r.ID, part)
			}
		}
		causes := map[string]bool{}
		for _, c := range r.Causes {
			if c.ID == "" || !strings.HasSuffix(c.Doc, ".") || causes[c.ID] {
				t.Errorf("%s: cause %q is undocumented or listed twice", r.ID, c.ID)
			}
			causes[c.ID] = true
		}
	}
	if Lookup("no-such-rule") != nil {
		t.Error("Lookup finds a rule that does not exist")
	}
}

// TestEveryCauseIsRanked guards the order of mixed causes: a cause that is missing there would be ranked first.
func TestEveryCauseIsRanked(t *testing.T) {
	for _, c := range pendingCauses() {
		if mixedOrder(c.ID) < 0 {
			t.Errorf("%s has no place among mixed causes", c.ID)
		}
	}
}

// TestConsequencesNameRules guards the table against a typing error, which would fold nothing.
func TestConsequencesNameRules(t *testing.T) {
	for _, c := range consequences() {
		if c.root != anyRule && Lookup(c.root) == nil || Lookup(c.symptom) == nil {
			t.Errorf("unknown rule in %s -> %s", c.root, c.symptom)
		}
	}
}

func TestCleanRun(t *testing.T) {
	w := newWorld(13)
	lp := w.loop()
	w.ran(lp, "")
	w.closed(lp)
	res := Check(w.run, "1.2.3")
	if res.Findings == nil || len(res.Findings) != 0 || res.Tool != "1.2.3" || len(res.Rules) != len(All()) || res.Run != w.run {
		t.Errorf("got %+v", res)
	}
	if res := Check(&analyze.Run{}, ""); len(res.Findings) != 0 {
		t.Errorf("an empty run has findings: %+v", res.Findings)
	}
}
