// Package diffreport writes what differs between two runs for programs: schema looptrace.diff/v1. As text it is rendered by
// report/term, as Markdown by report/markdown.
package diffreport

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/report/internal/safejson"
)

// SchemaName is the value of the first field.
const SchemaName = "looptrace.diff/v1"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12).
func Schema() string { return schema }

type diff struct {
	Schema     string    `json:"schema"`
	Old        side      `json:"old"`
	New        side      `json:"new"`
	Added      []finding `json:"added"`
	Gone       []gone    `json:"gone"`
	Changed    []change  `json:"changed"`
	Same       int       `json:"same"`
	Sites      []site    `json:"sites"`
	SitesAlike *int      `json:"sites_alike"`
}

type side struct {
	Command  []string `json:"command"`
	ExitCode *int     `json:"exit_code"`
	Signal   *int     `json:"signal"`
	Complete bool     `json:"complete"`
	Totals   totals   `json:"totals"`
}

type totals struct {
	DurationNS  int64  `json:"duration_ns"`
	BusyNS      *int64 `json:"busy_ns"`
	Processes   int    `json:"processes"`
	Tasks       int    `json:"tasks"`
	Loops       int    `json:"loops"`
	Closed      int    `json:"loops_closed"`
	Refused     int    `json:"closes_refused"`
	LiveAtClose int    `json:"live_at_close"`
	LiveAtEnd   int    `json:"live_at_end"`
	Errors      int    `json:"errors"`
	Warnings    int    `json:"warnings"`
	Notes       int    `json:"notes"`
	Accepted    int    `json:"accepted"`
}

type finding struct {
	Rule        string   `json:"rule"`
	Severity    string   `json:"severity"`
	Cause       *string  `json:"cause"`
	Message     string   `json:"message"`
	Path        *string  `json:"path"`
	Line        *int     `json:"line"`
	Function    *string  `json:"function"`
	Tests       []string `json:"tests"`
	Tasks       int      `json:"tasks"`
	PID         *int     `json:"pid"`
	Fingerprint string   `json:"fingerprint"`
}

type gone struct {
	finding
	Accepted bool `json:"accepted"`
}

type change struct {
	What []string `json:"what"`
	Old  finding  `json:"old"`
	New  finding  `json:"new"`
}

type site struct {
	Coro     string  `json:"coro"`
	Path     *string `json:"path"`
	Function *string `json:"function"`
	Via      *string `json:"via"`
	Counts   bool    `json:"counts_differ"`
	Old      *counts `json:"old"`
	New      *counts `json:"new"`
}

type counts struct {
	Spawned   int   `json:"spawned"`
	Returned  int   `json:"returned"`
	Raised    int   `json:"raised"`
	Cancelled int   `json:"cancelled"`
	Unended   int   `json:"not_ended"`
	BusyNS    int64 `json:"busy_ns"`
}

// Render writes a comparison as one JSON value. Lists are never null, and nothing in it acts on a terminal.
func Render(w io.Writer, r *compare.Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(convert(r)); err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	_, err := w.Write(safejson.Escape(b.Bytes()))
	return err
}

func convert(r *compare.Report) diff {
	out := diff{
		Schema: SchemaName, Old: convertSide(r.Old), New: convertSide(r.New), Same: r.Same,
		Added: []finding{}, Gone: []gone{}, Changed: []change{}, Sites: []site{},
	}
	for _, f := range r.Added {
		out.Added = append(out.Added, convertFinding(f))
	}
	for _, g := range r.Gone {
		out.Gone = append(out.Gone, gone{convertFinding(g.Finding), g.Accepted})
	}
	for _, c := range r.Changed {
		out.Changed = append(out.Changed, change{c.What, convertFinding(c.Old), convertFinding(c.New)})
	}
	for i := range r.Sites {
		s := &r.Sites[i]
		at := s.Site()
		out.Sites = append(out.Sites, site{
			Coro: at.Coro, Path: known(at.Path), Function: known(at.Function), Via: known(at.Via), Counts: s.Counts,
			Old: convertCounts(s.Old), New: convertCounts(s.New),
		})
	}
	if !r.Old.NoSites && !r.New.NoSites {
		out.SitesAlike = &r.Alike
	}
	return out
}

func convertSide(s *compare.Side) side {
	t := s.Totals
	out := side{
		Command: append([]string{}, s.Run.Info.Command...), Complete: s.Run.Health.Complete,
		Totals: totals{
			DurationNS: t.DurationNS, Processes: t.Processes, Tasks: t.Tasks, Loops: t.Loops, Closed: t.Closed, Refused: t.Refused,
			LiveAtClose: t.LiveAtClose, LiveAtEnd: t.LiveAtEnd, Errors: t.Errors, Warnings: t.Warnings, Notes: t.Notes, Accepted: t.Accepted,
		},
	}
	if info := &s.Run.Info; info.Ended && info.Signal == 0 {
		out.ExitCode = &info.ExitCode
	} else if info.Ended {
		out.Signal = &info.Signal
	}
	if !s.NoSites {
		out.Totals.BusyNS = &t.BusyNS
	}
	return out
}

func convertFinding(f *compare.Finding) finding {
	out := finding{
		Rule: f.Rule, Severity: string(f.Severity), Cause: known(f.Cause), Message: f.Message, Path: known(f.Identity.Path),
		Function: known(f.Identity.Function), Tests: testsOf(f.Tests), Tasks: len(f.Tasks), Fingerprint: f.Fingerprint,
	}
	if f.At != nil {
		out.Line = known(f.At.Line)
	}
	if f.Process != nil {
		out.PID = known(f.Process.PID)
	}
	return out
}

func testsOf(tests []*analyze.Test) []string {
	out := []string{}
	for _, t := range tests {
		out = append(out, t.Name)
	}
	return out
}

func convertCounts(s *compare.Site) *counts {
	if s == nil {
		return nil
	}
	c := s.Counts
	return &counts{c.Spawned, c.Returned, c.Raised, c.Cancelled, c.Unended(), c.BusyNS}
}

// known turns a zero value into null.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
