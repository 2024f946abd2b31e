// Package annotation says in a few lines what a finding is about, for services that show it beside the source: each text
// stands for itself, without the rest of the report.
package annotation

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Limits of one annotation.
const (
	groupsShown = 3
	testsShown  = 3
)

// Title returns what kind of fault a finding is: "deadlock: tasks that wait for each other".
func Title(res *analyze.Result, f *analyze.Finding) string {
	for i := range res.Rules {
		if res.Rules[i].ID == f.Rule {
			return f.Rule + ": " + res.Rules[i].Title
		}
	}
	return wording.Clean(f.Rule, false)
}

// Lines returns what happened, in which test, which tasks it is about and where they were, and what to change. Each line is
// clean text.
func Lines(res *analyze.Result, f *analyze.Finding) []string {
	p := Phraser(res, f)
	lines := []string{Stop(p.Text(f.Message))}
	if tests := Tests(f); tests != "" {
		lines = append(lines, tests)
	}
	lines = append(lines, tasks(p, f)...)
	if f.Fix.Summary != "" {
		lines = append(lines, "Fix: "+p.Text(f.Fix.Summary))
	}
	return lines
}

// Phraser returns one that tells paths as the process of a finding sees them.
func Phraser(res *analyze.Result, f *analyze.Finding) *wording.Phraser {
	p := &wording.Phraser{}
	p.About(res.Run, f.Process)
	return p
}

// Stop ends a sentence with a full stop.
func Stop(sentence string) string {
	if sentence == "" || strings.HasSuffix(sentence, ".") {
		return sentence
	}
	return sentence + "."
}

// Tests names the tests that a finding comes from, "" if it comes from none.
func Tests(f *analyze.Finding) string {
	if len(f.Tests) == 0 {
		return ""
	}
	var names []string
	for _, t := range f.Tests[:min(len(f.Tests), testsShown)] {
		names = append(names, wording.Middle(wording.Clean(t.Name, false), wording.SourceColumns, false))
	}
	if n := len(f.Tests) - len(names); n > 0 {
		names = append(names, fmt.Sprintf("%d more", n))
	}
	if len(f.Tests) == 1 {
		return "In the test " + names[0]
	}
	return "In the tests " + strings.Join(names, ", ")
}

// tasks says of the larger groups of a finding's tasks where they were and where they come from.
func tasks(p *wording.Phraser, f *analyze.Finding) []string {
	groups, moment := Groups(p, f)
	if len(groups) == 0 {
		return nil
	}
	lines := []string{"About:"}
	if moment != "" {
		lines[0] = wording.Capital(moment) + ":"
	}
	for i, g := range groups {
		if i == groupsShown {
			rest := 0
			for _, g := range groups[i:] {
				rest += len(g.Tasks)
			}
			return append(lines, "- "+wording.Count(rest, "more "+wording.NounOf(g.Tasks[0])))
		}
		name := g.Names
		if g.Coro != "" {
			name += " (" + g.Coro + ")"
		}
		lines = append(lines, "- "+name+": "+g.State, "  spawned "+g.Spawned)
		if g.Cancel != "" {
			lines = append(lines, "  cancel "+g.Cancel)
		}
	}
	return lines
}

// Text joins lines and leaves out the last ones that exceed a number of bytes; the first is cut, where it alone does.
func Text(lines []string, limit int) string {
	text := ""
	for i, l := range lines {
		if len(text)+1+len(l) > limit {
			if i == 0 {
				return wording.Head(l, limit/4) + "…"
			}
			return text + "\n…"
		}
		if i > 0 {
			text += "\n"
		}
		text += l
	}
	return text
}
