package markdown

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// diffRows bounds each list of a comparison; a page of the longest names stays within Budget.
const diffRows = 50

// cellBytes bounds a name in a cell, before its escapes.
const cellBytes = 300

// Diff writes what differs between two runs: the findings, the totals, and tasks by creation site. Errors are those of w.
func Diff(w io.Writer, r *compare.Report) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## looptrace: %s\n\n", wording.DiffVerdict(r))
	b.WriteString(diffFindings(r))
	b.WriteString("| Total | Old | New | Change |\n| :--- | ---: | ---: | ---: |\n")
	for _, t := range wording.DiffTotals(r) {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.Name, t.Old, t.New, t.Change)
	}
	b.WriteByte('\n')
	diffSites(&b, r)
	for _, side := range []struct {
		name string
		s    *compare.Side
	}{{"old", r.Old}, {"new", r.New}} {
		if !side.s.Run.Health.Complete {
			fmt.Fprintf(&b, "The recording of the %s run is incomplete: what it does not have may have happened.\n\n", side.name)
		}
	}
	if _, err := w.Write(append(bytes.TrimRight(b.Bytes(), "\n"), '\n')); err != nil {
		return fmt.Errorf("write markdown: %w", err)
	}
	return nil
}

// diffFindings returns the table of findings that differ, "" if there are none.
func diffFindings(r *compare.Report) string {
	var rows []string
	row := func(what, more string, f *compare.Finding) {
		rows = append(rows, fmt.Sprintf("| %s | %s | %s | %s | %s |\n", what, f.Severity, cell(f.Rule), cell(whereOf(f))+testsOf(f), cell(f.Message)+more))
	}
	for _, f := range r.Added {
		row("**new**", "", f)
	}
	for i := range r.Changed {
		c := &r.Changed[i]
		more := "<br>" + cell(wording.DiffWhat(c))
		if wording.SaysMessage(c) {
			more += "<br>was: " + cell(c.Old.Message)
		}
		row("changed", more, c.New)
	}
	for _, g := range r.Gone {
		what := "gone"
		if g.Accepted {
			what = "accepted"
		}
		row(what, "", g.Finding)
	}
	if len(rows) == 0 {
		return ""
	}
	text := "| | Severity | Rule | Where | What |\n| :--- | :--- | :--- | :--- | :--- |\n" + strings.Join(rows[:min(len(rows), diffRows)], "") + "\n"
	if len(rows) > diffRows {
		text += fmt.Sprintf("and %s: `looptrace diff --format json` has them all\n\n", wording.Count(len(rows)-diffRows, "more finding"))
	}
	return text
}

// whereOf returns "app.py:30 in main".
func whereOf(f *compare.Finding) string {
	text := f.Identity.Path
	if f.At != nil && f.At.Line > 0 {
		text += fmt.Sprintf(":%d", f.At.Line)
	}
	if f.Identity.Function != "" {
		text += " in " + f.Identity.Function
	}
	return strings.TrimPrefix(text, " ")
}

// testsOf returns the first test of a finding and how many others there are, on a line of its own; "" outside of tests.
func testsOf(f *compare.Finding) string {
	if len(f.Tests) == 0 {
		return ""
	}
	text := "<br>test " + cell(wording.Clean(f.Tests[0].Name, false))
	if n := len(f.Tests) - 1; n > 0 {
		text += ", " + wording.Count(n, "more test")
	}
	return text
}

func diffSites(b *bytes.Buffer, r *compare.Report) {
	if text := wording.DiffNoSites(r); text != "" {
		fmt.Fprintf(b, "%s.\n\n", wording.Capital(text))
		return
	}
	if len(r.Sites) == 0 {
		return
	}
	b.WriteString("| " + wording.CodeTitle(r.New.Run) + " | Spawned at | Tasks | Not ended | Raised | Cancelled | Busy | Change |\n| :--- | :--- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	shown := r.Sites[:min(len(r.Sites), diffRows)]
	for i := range shown {
		s := &shown[i]
		old, fresh := s.OldCounts(), s.NewCounts()
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", cell(s.Site().Coro), cell(wording.SpawnedAt(s.Site())),
			wording.Went(old.Spawned, fresh.Spawned, false), wording.Went(old.Unended(), fresh.Unended(), false),
			wording.Went(old.Raised, fresh.Raised, false), wording.Went(old.Cancelled, fresh.Cancelled, false),
			wording.WentTime(old.BusyNS, fresh.BusyNS, false), wording.Ratio(old.BusyNS, fresh.BusyNS))
	}
	fmt.Fprintf(b, "\n%s.\n\n", wording.DiffSites(r, len(shown)))
}

// cell returns text for a cell of a table, shortened.
func cell(s string) string {
	if len(s) > cellBytes {
		s = strings.ToValidUTF8(s[:cellBytes], "") + "…"
	}
	return prose(s)
}
