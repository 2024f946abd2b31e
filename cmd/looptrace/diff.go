package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/analyze/silence"
	"github.com/looptrace/looptrace/report/diffreport"
	"github.com/looptrace/looptrace/report/jsonreport"
	"github.com/looptrace/looptrace/report/markdown"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const diffLong = `Diff says what differs between two runs: findings that are new, gone or changed,
how many tasks were spawned where and how they ended, and the totals.

OLD and NEW are traces, or reports of looptrace report --format json: a CI job
keeps a small report rather than a trace. Findings are compared by rule, file,
function and test, tasks by coroutine, file and function: not by line, process
id or directory. Times differ in every run: a busy time is listed from
--min-change on, and a finding is not changed because a time in it is.

EXIT STATUS
  0  no new finding that --fail-on names
  1  there are such findings, or an old one that it names only now
  2  wrong usage, a file cannot be read or the output not written; or there is
     no such finding in what is left of a damaged trace`

type diffOptions struct {
	format, out  string
	minChange    float64
	suppressions []string
	failOn       failOn
	goFlags
}

func newDiffCommand(env *environment) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff [flags] OLD NEW",
		Short: "Say what differs between two recorded runs",
		Long:  diffLong,
		Example: `  looptrace diff before.ltrace after.ltrace
  looptrace diff --fail-on error --format markdown main.json app.ltrace`,
		Args: twoRuns,
		RunE: func(_ *cobra.Command, args []string) error { return runDiff(env, args[0], args[1], &o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "text", "`format` of the output: "+strings.Join(diffFormats(), ", "))
	flags.StringVarP(&o.out, "output", "o", "", "write to `file` instead of standard output")
	flags.Float64Var(&o.minChange, "min-change", 1.5, "list a busy time if it differs by this `factor` or more (and by 1 ms)")
	flags.StringArrayVar(&o.suppressions, "suppressions", nil, "do not count the findings that `file` accepts (may be repeated)")
	bindFailOn(cmd, &o.failOn, string(analyze.Error), "make the exit status 1 if they are new")
	bindGo(cmd, &o.goFlags)
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diffFormats(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func diffFormats() []string { return []string{"text", "json", "markdown"} }

// twoRuns wants OLD and NEW.
func twoRuns(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) < 2:
		return usageError(fmt.Errorf("diff: no %s given", []string{"OLD", "NEW"}[len(args)]), cmd.UseLine())
	case len(args) > 2:
		return usageError(fmt.Errorf("diff: unexpected argument %q", args[2]), cmd.UseLine())
	}
	return nil
}

func runDiff(env *environment, oldPath, newPath string, o *diffOptions) error {
	if err := o.check(oldPath, newPath); err != nil {
		return err
	}
	entries, err := readSuppressions(o.suppressions)
	if err != nil {
		return err
	}
	old, err := loadSide(oldPath, entries, o.goFlags)
	if err != nil {
		return err
	}
	fresh, err := loadSide(newPath, entries, o.goFlags)
	if err != nil {
		return err
	}
	r := compare.Runs(old, fresh, compare.Options{MinChange: o.minChange})
	if err := env.output(o.out, func(w io.Writer) error { return renderDiff(env, w, r, o) }); err != nil {
		return err
	}
	if o.failing(r) {
		return &exitError{code: exitFindings}
	}
	return errors.Join(damaged(oldPath, &old.Run.Health), damaged(newPath, &fresh.Run.Health))
}

func (o *diffOptions) check(oldPath, newPath string) error {
	if err := o.failOn.check(); err != nil {
		return err
	}
	if err := oneOf("format", o.format, diffFormats()...); err != nil {
		return err
	}
	if !(o.minChange >= 1 && o.minChange <= 1e6) { // nor if it is no number
		return usageError(fmt.Errorf("no such --min-change: %v", o.minChange), "--min-change takes a factor: 1 lists every difference, 2 what doubled or halved")
	}
	return errors.Join(notOver(o.out, oldPath), notOver(o.out, newPath))
}

func renderDiff(env *environment, w io.Writer, r *compare.Report, o *diffOptions) error {
	switch o.format {
	case "json":
		return diffreport.Render(w, r)
	case "markdown":
		return markdown.Diff(w, r)
	}
	to := w
	if o.out == "" || o.out == "-" {
		to = env.stdout // it knows whether it is a terminal
	}
	return term.Diff(w, r, env.options(to))
}

// failing reports whether something counts now that did not before: a new finding, or one that became more severe.
func (o *diffOptions) failing(r *compare.Report) bool {
	return slices.ContainsFunc(r.Added, func(f *compare.Finding) bool { return o.failOn.counts(f.Rule, f.Severity) }) ||
		slices.ContainsFunc(r.Changed, func(c compare.Change) bool {
			return o.failOn.counts(c.New.Rule, c.New.Severity) && !o.failOn.counts(c.Old.Rule, c.Old.Severity)
		})
}

// loadSide reads a trace or a report. What was accepted when a report was written stays accepted.
func loadSide(path string, entries []*silence.Entry, golang goFlags) (*compare.Side, error) {
	isReport, err := looksLikeReport(path)
	if err != nil {
		return nil, traceError(path, err)
	}
	if !isReport {
		res, err := load(path, reading{goFlags: golang})
		if err != nil {
			return nil, err
		}
		silence.Apply(res, entries)
		return compare.Of(res), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, traceError(path, err)
	}
	defer f.Close()
	res, err := jsonreport.Read(f, path)
	if err != nil {
		failed := &exitError{code: exitUsage, err: err, hint: "OLD and NEW are traces, or reports of looptrace report --format json"}
		var read *jsonreport.ReadError
		if errors.As(err, &read) && read.Hint != "" {
			failed.hint = read.Hint
		}
		return nil, failed
	}
	silence.Apply(res, entries)
	return compare.Of(res), nil
}

// looksLikeReport reports whether a file begins as JSON does; no trace does.
func looksLikeReport(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return false, err
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return bytes.HasPrefix(bytes.TrimLeft(head[:n], " \t\r\n"), []byte("{")), nil
}
