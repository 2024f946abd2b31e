// Package report is the table of report formats: a name and how to render it. A new format is one package and one line.
package report

import (
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/chrome"
	"github.com/looptrace/looptrace/report/github"
	"github.com/looptrace/looptrace/report/gitlab"
	"github.com/looptrace/looptrace/report/html"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/jsonl"
	"github.com/looptrace/looptrace/report/jsonreport"
	"github.com/looptrace/looptrace/report/junit"
	"github.com/looptrace/looptrace/report/markdown"
	"github.com/looptrace/looptrace/report/perfetto"
	"github.com/looptrace/looptrace/report/pprof"
	"github.com/looptrace/looptrace/report/sarif"
	"github.com/looptrace/looptrace/report/speedscope"
	"github.com/looptrace/looptrace/report/term"
)

// Options say how to write a report. Each format takes what it needs.
type Options struct {
	Text     term.Options
	Root     string                                     // directory that formats for machines tell paths from, absolute; "": the one that the command ran in
	Category string                                     // tells several uploads of one commit apart; "" if there is one
	Links    string                                     // what links to files begin with, Root's counterpart on the web; "": they are relative
	Family   string                                     // dialect of JUnit XML, one of junit.Families; "": the first
	Fails    func(rule string, s analyze.Severity) bool // whether JUnit shows a finding as a failure; nil: errors alone
	Budget   int                                        // bytes that a Markdown report may have; 0: markdown.Budget
}

// Format is one form of a report.
type Format struct {
	Name     string
	Summary  string // what it is for, in a few words
	File     string // name of the file that --report writes without another one; "" for formats that are read in place
	Timeline bool   // it shows Run.Timeline
	Waited   bool   // it shows Run.Waited
	Binary   bool   // it is no text
	Render   func(w io.Writer, res *analyze.Result, o Options) error
}

// Formats returns all formats, the default first.
func Formats() []Format {
	return []Format{
		{Name: "text", Summary: "for reading in a terminal", Render: renderText},
		{Name: "json", Summary: "everything, for programs", File: "looptrace.json", Render: renderJSON},
		{Name: "jsonl", Summary: "the same, an object a line", File: "looptrace.jsonl", Render: renderLines},
		{Name: "markdown", Summary: "for a comment or a job's summary", File: "looptrace.md", Render: renderMarkdown},
		{Name: "html", Summary: "a page with the findings and a timeline", File: "looptrace.html", Timeline: true, Render: renderHTML},
		{Name: "sarif", Summary: "SARIF 2.1.0, for code scanning", File: "looptrace.sarif", Render: renderSARIF},
		{Name: "junit", Summary: "JUnit XML, a case for each test", File: "looptrace-junit.xml", Render: renderJUnit},
		{Name: "github", Summary: "annotations of GitHub Actions", Render: renderGitHub},
		{Name: "gitlab", Summary: "Code Quality of GitLab", File: "gl-code-quality-report.json", Render: renderGitLab},
		{Name: "perfetto", Summary: "the timeline, for Perfetto (ui.perfetto.dev)", File: "looptrace.pftrace", Timeline: true, Binary: true, Render: renderPerfetto},
		{Name: "chrome", Summary: "the timeline, in Chrome's trace event format", File: "looptrace.trace.json", Timeline: true, Render: renderChrome},
		{Name: "speedscope", Summary: "what the loops ran, for speedscope.app", File: "looptrace.speedscope.json", Timeline: true, Render: renderSpeedscope},
		{Name: "pprof-live", Summary: "what was left over, by creation stack, for go tool pprof", File: "looptrace-live.pb.gz", Binary: true, Render: renderLive},
		{Name: "pprof-waits", Summary: "the time waited, by await stack, for go tool pprof", File: "looptrace-waits.pb.gz", Waited: true, Binary: true, Render: renderWaits},
	}
}

func renderText(w io.Writer, res *analyze.Result, o Options) error {
	return term.Render(w, res, o.Text)
}

// renderJSON keeps what a program called its tasks from acting on a terminal that the report is shown in.
func renderJSON(w io.Writer, res *analyze.Result, _ Options) error {
	safe := safejson.NewWriter(w)
	if err := jsonreport.Render(safe, res); err != nil {
		return err
	}
	return safe.Flush()
}

func renderHTML(w io.Writer, res *analyze.Result, _ Options) error  { return html.Render(w, res) }
func renderLines(w io.Writer, res *analyze.Result, _ Options) error { return jsonl.Render(w, res) }

func renderGitHub(w io.Writer, res *analyze.Result, o Options) error {
	return github.Render(w, res, o.Root)
}

func renderSARIF(w io.Writer, res *analyze.Result, o Options) error {
	return sarif.Render(w, res, sarif.Options{Root: o.Root, Category: o.Category})
}

func renderGitLab(w io.Writer, res *analyze.Result, o Options) error {
	return gitlab.Render(w, res, o.Root)
}

func renderJUnit(w io.Writer, res *analyze.Result, o Options) error {
	return junit.Render(w, res, junit.Options{Root: o.Root, Family: o.Family, Fails: o.Fails})
}

func renderMarkdown(w io.Writer, res *analyze.Result, o Options) error {
	return markdown.Render(w, res, markdown.Options{Root: o.Root, Links: o.Links, Budget: o.Budget})
}

func renderPerfetto(w io.Writer, res *analyze.Result, _ Options) error {
	return perfetto.Render(w, res)
}

func renderChrome(w io.Writer, res *analyze.Result, _ Options) error { return chrome.Render(w, res) }

func renderSpeedscope(w io.Writer, res *analyze.Result, _ Options) error {
	return speedscope.Render(w, res)
}

func renderLive(w io.Writer, res *analyze.Result, _ Options) error  { return pprof.Live(w, res) }
func renderWaits(w io.Writer, res *analyze.Result, _ Options) error { return pprof.Waits(w, res) }

// Names returns the names of all formats.
func Names() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return names
}

// Lookup returns the format with that name, nil if there is none.
func Lookup(name string) *Format {
	for _, f := range Formats() {
		if f.Name == name {
			return &f
		}
	}
	return nil
}
