package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
	"github.com/spf13/cobra"
)

func parsedFailOn(t interface{ Fatal(...any) }, lists ...string) *failOn {
	f := &failOn{lists: []string{"error"}}
	for _, l := range lists {
		if err := f.Set(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.check(); err != nil {
		t.Fatal(lists, err)
	}
	return f
}

func TestFailOn(t *testing.T) {
	const e, w, n = analyze.Error, analyze.Warning, analyze.Note
	for _, c := range []struct {
		lists  string // separated by blanks
		counts string // "rule severity" of what counts, of the findings below
		off    bool
	}{
		{"", "deadlock/error", false},
		{"error", "deadlock/error", false},
		{"warning", "deadlock/error loop-blocked/warning", false},
		{"note", "deadlock/error loop-blocked/warning interrupted/note", false},
		{"none", "", true},
		{"error,warning", "deadlock/error loop-blocked/warning", false},
		{"warning error", "deadlock/error", false},
		{"warning none", "", true},
		{"interrupted", "interrupted/note", false},
		{"interrupted,loop-blocked", "loop-blocked/warning interrupted/note", false},
		{"interrupted loop-blocked", "loop-blocked/warning interrupted/note", false},
		{"interrupted none", "", true},
		{"none interrupted", "interrupted/note", false},
		{"error,interrupted", "deadlock/error interrupted/note", false},
		{"error,\u00a0interrupted", "deadlock/error interrupted/note", false},
		{"warning,-deadlock", "loop-blocked/warning", false},
		{"-deadlock", "", false},
		{"-loop-blocked", "deadlock/error", false},
		{"-deadlock warning", "loop-blocked/warning", false},
		{"interrupted,-deadlock", "interrupted/note", false},
	} {
		f := parsedFailOn(t, slices.DeleteFunc(strings.Split(c.lists, " "), func(l string) bool { return l == "" })...)
		var got []string
		for _, g := range []struct {
			rule string
			s    analyze.Severity
		}{{"deadlock", e}, {"loop-blocked", w}, {"interrupted", n}} {
			if f.counts(g.rule, g.s) {
				got = append(got, g.rule+"/"+string(g.s))
			}
			res := &analyze.Result{Findings: []analyze.Finding{{Rule: g.rule, Severity: g.s}}}
			if f.failing(res) != f.counts(g.rule, g.s) {
				t.Errorf("%s: failing and counts differ for %s", c.lists, g.rule)
			}
			accepted := &analyze.Result{Silenced: []analyze.Silenced{{Finding: res.Findings[0]}}}
			if f.failing(accepted) {
				t.Errorf("%s: an accepted finding counts", c.lists)
			}
		}
		if strings.Join(got, " ") != c.counts || f.off() != c.off {
			t.Errorf("--fail-on %s counts %q (off: %t), want %q (%t)", c.lists, got, f.off(), c.counts, c.off)
		}
	}
}

func TestFailOnErrors(t *testing.T) {
	for list, want := range map[string]string{
		"fatal":              "looptrace explain lists the rules",
		"eror":               "did you mean error?",
		"deadlok":            "did you mean deadlock?",
		"-loop-bloked":       "did you mean -loop-blocked?",
		"!deadlock":          "to except a rule: -deadlock",
		"-warning":           "only rules can be excepted",
		"error,":             "looptrace explain lists the rules",
		"":                   "looptrace explain lists the rules",
		"error,none":         "rules alone count nothing else",
		"deadlock,-deadlock": "name it once",
		"\x1b[2J":            "looptrace explain lists the rules",
	} {
		f := &failOn{}
		if err := f.Set(list); err != nil {
			t.Fatal(err)
		}
		var exit *exitError
		if err := f.check(); !errors.As(err, &exit) || exit.code != exitUsage || !strings.Contains(exit.hint, want) {
			t.Errorf("%q: %#v, want the hint %q", list, err, want)
		}
	}
}

// What is added to a list of rules never makes fewer findings count, and an exception never more.
func TestFailOnGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := ruleIDs()
		words := rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 2, 6, rapid.ID).Draw(t, "rules")
		severity := rapid.SampledFrom(failOnSeverities()[1:]).Draw(t, "severity")
		before := parsedFailOn(t, severity, strings.Join(words[1:], ","))
		more, fewer := parsedFailOn(t, severity, strings.Join(words, ",")), parsedFailOn(t, severity, strings.Join(words[1:], ","), "-"+words[0])
		for _, id := range ids {
			for _, s := range []analyze.Severity{analyze.Error, analyze.Warning, analyze.Note} {
				was := before.counts(id, s)
				if was && !more.counts(id, s) || !was && fewer.counts(id, s) || fewer.counts(words[0], s) {
					t.Fatalf("%s %s: %t, with %s %t, without %t", id, s, was, words[0], more.counts(id, s), fewer.counts(id, s))
				}
			}
		}
	})
}

func TestCompleteFailOn(t *testing.T) {
	for typed, want := range map[string]string{"": "error", "wa": "warning", "error,dead": "error,deadlock", "-loop-b": "-loop-blocked"} {
		words, _ := completeFailOn(&cobra.Command{}, nil, typed)
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, want+"\t") }) {
			t.Errorf("%q is not completed to %s: %q", typed, want, words)
		}
	}
	if words, _ := completeFailOn(&cobra.Command{}, nil, "error,e"); len(words) > 0 && strings.HasPrefix(words[0], "error,error") {
		t.Error("a second severity is offered")
	}
}
