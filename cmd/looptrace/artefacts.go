package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report"
	"github.com/looptrace/looptrace/report/junit"
	"github.com/looptrace/looptrace/report/markdown"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

// artefact is one report to write: a --report, or the --format of report.
type artefact struct {
	format *report.Format
	file   string // "": into the stream
}

// reportFlags are the flags about reports that run and report share.
type reportFlags struct {
	reports      []string
	suppressions []string
	root         string
	category     string
	maxSpans     int
	junitFamily  string
	summary      bool // append to the summary of the step
	markdownMax  int  // bytes

	baseline       string
	updateBaseline bool
	goFlags
}

// bindReports adds them.
func bindReports(cmd *cobra.Command, o *reportFlags) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.reports, "report", nil, "write a report: `FORMAT[=FILE]` (may be repeated); formats:\n"+strings.Join(report.Names(), ", "))
	flags.StringArrayVar(&o.suppressions, "suppressions", nil, "do not count the findings that `file` accepts (may be repeated)")
	bindBaseline(cmd, o)
	bindGo(cmd, &o.goFlags)
	bindLeakProfile(cmd, &o.leaks)
	flags.StringVar(&o.root, "source-root", "", "`directory` that reports for machines tell paths from\n(default: the root of the repository, or the current directory)")
	flags.StringVar(&o.category, "category", "", "`name` that tells the reports of several jobs for one commit apart")
	flags.IntVar(&o.maxSpans, "max-spans", 1_000_000, "show the last `n` steps in reports that have a timeline")
	flags.StringVar(&o.junitFamily, "junit-family", junit.XUnit2, "`dialect` of --report junit: "+strings.Join(junit.Families(), ", "))
	flags.IntVar(&o.markdownMax, "markdown-limit", markdown.Budget, "keep Markdown reports within `n` bytes; a comment on GitHub takes 65536")
	flags.BoolVar(&o.summary, "github-summary", false, "append a Markdown report to the summary of the GitHub Actions step")
	must(cmd.RegisterFlagCompletionFunc("junit-family", cobra.FixedCompletions(junit.Families(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("report", cobra.FixedCompletions(formatCompletions(), cobra.ShellCompDirectiveNoSpace)))
}

func formatCompletions() []string {
	var out []string
	for _, f := range report.Formats() {
		out = append(out, f.Name+"\t"+f.Summary)
	}
	return out
}

// artefacts returns what the values of --report ask for.
func (o *reportFlags) artefacts() ([]artefact, error) {
	if o.maxSpans < 1 {
		return nil, usageError(fmt.Errorf("no such --max-spans: %d", o.maxSpans), "--max-spans takes 1 or more")
	}
	if o.markdownMax < markdown.Least {
		return nil, usageError(fmt.Errorf("no such --markdown-limit: %d", o.markdownMax), fmt.Sprintf("--markdown-limit takes %d or more", markdown.Least))
	}
	if err := oneOf("junit-family", o.junitFamily, junit.Families()...); err != nil {
		return nil, err
	}
	var list []artefact
	for _, value := range o.reports {
		name, file, named := strings.Cut(value, "=")
		if err := oneOf("report", name, report.Names()...); err != nil {
			return nil, err
		}
		a := artefact{format: report.Lookup(name), file: file}
		switch {
		case named && file == "":
			return nil, usageError(fmt.Errorf("--report %s: no file given", value), "--report "+name+"=FILE")
		case !named:
			a.file = a.format.File
		case file == "-":
			a.file = ""
		}
		if err := writable(a.file); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// writable fails early where a report cannot be written later: the directory is not there.
func writable(file string) error {
	if file == "" {
		return nil
	}
	dir := filepath.Dir(file)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usageError(fmt.Errorf("%s: there is no directory %s", file, dir), "make it first: mkdir -p "+dir)
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return usageError(fmt.Errorf("%s is a directory", file), "give the name of a file")
	}
	return nil
}

// loading says what the facts must hold for reports.
func (o *reportFlags) loading(list []artefact) reading {
	opts := reading{goFlags: o.goFlags}
	for _, a := range list {
		if a.format.Timeline {
			opts.Timeline = &analyze.TimelineOptions{MaxSteps: o.maxSpans}
		}
		opts.Waited = opts.Waited || a.format.Waited
	}
	return opts
}

// options says how to write a report to a stream; io.Discard stands for a file.
func (o *reportFlags) options(text term.Options) report.Options {
	return report.Options{Text: text, Root: sourceRoot(o.root), Category: o.category, Family: o.junitFamily, Budget: o.markdownMax}
}

// writeArtefacts writes all reports, those without a file to stream, and goes on after one that fails.
func (e *environment) writeArtefacts(list []artefact, res *analyze.Result, o *reportFlags, fail *failOn, stream io.Writer) error {
	var failed []error
	for _, a := range list {
		to := stream
		if a.file != "" {
			to = io.Discard
		}
		if _, shown := terminal(to); shown && a.format.Binary {
			failed = append(failed, usageError(fmt.Errorf("%s is not for a terminal", a.format.Name), "write it to a file: "+a.format.File))
			continue
		}
		options := o.options(e.options(to))
		options.Fails = fail.red
		failed = append(failed, e.outputTo(stream, a.file, func(w io.Writer) error { return a.format.Render(w, res, options) }))
	}
	if o.summary {
		failed = append(failed, e.appendSummary(res, o))
	}
	return errors.Join(failed...)
}

// sourceRoot returns the directory that paths are told from: the one that was asked for, that of the repository, or the
// current one. CI services find the files of a report from the root of the repository.
func sourceRoot(asked string) string {
	if asked != "" {
		if abs, err := filepath.Abs(asked); err == nil {
			return abs
		}
		return asked
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // as the recorded program has it from the system
	}
	for up := dir; ; up = filepath.Dir(up) {
		if _, err := os.Lstat(filepath.Join(up, ".git")); err == nil {
			return up
		}
		if up == filepath.Dir(up) {
			return dir
		}
	}
}
