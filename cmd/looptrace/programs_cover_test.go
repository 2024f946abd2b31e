package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
)

// Every rule has a program in testdata/programs that it fires on and a close miss, a correct program that looks like the
// fault, that it does not fire on. Notes are never the main fault of a program: being allowed in one is enough for them.
func TestEveryRuleHasPrograms(t *testing.T) {
	files, err := filepath.Glob("../../testdata/programs/*/expect.json")
	if err != nil {
		t.Fatal(err)
	}
	fired, allowed, missed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var p struct {
			Finding     *string
			Accept      []string
			AlsoTrue    []string                                  `json:"also_true"`
			CloseMissOf []string                                  `json:"close_miss_of"`
			ByPython    []struct{ Set struct{ Finding *string } } `json:"by_python"`
		}
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Finding != nil {
			fired[*p.Finding] = true
		} else {
			for _, id := range p.CloseMissOf {
				missed[id] = true
			}
		}
		for _, b := range p.ByPython {
			if b.Set.Finding != nil {
				fired[*b.Set.Finding] = true
			}
		}
		for _, id := range append(p.Accept, p.AlsoTrue...) {
			allowed[id] = true
		}
	}
	for _, r := range rule.All() {
		if !fired[r.ID] && (r.Severity != analyze.Note || !allowed[r.ID]) {
			t.Errorf("%s: no program that it fires on", r.ID)
		}
		if !missed[r.ID] {
			t.Errorf("%s: no program is a close miss of it", r.ID)
		}
	}
}
