package main

import (
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/silence"
	"github.com/looptrace/looptrace/report"
	"github.com/spf13/cobra"
)

const reportLong = `Report says what went wrong in a recorded run: the fault, the line, who closed
the loop, what was live, and the fix.

TRACE is a trace file, or the spool directory of a recording that was cut off.
A damaged trace is reported as far as it goes, and what is missing is said.

EXIT STATUS
  0  no finding at or above --fail-on
  1  there are such findings
  2  wrong usage, the trace cannot be read or the report not written; or there
     is no such finding in what is left of a damaged trace`

type reportOptions struct {
	format, out, failOn string
	suppressions        []string
}

func newReportCommand(env *environment) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report [flags] TRACE",
		Short: "Say what went wrong in a recorded run",
		Long:  reportLong,
		Example: `  looptrace report looptrace-app.1234.ltrace
  looptrace report --format json -o report.json looptrace-app.1234.ltrace`,
		Args: traceArgs(),
		RunE: func(_ *cobra.Command, args []string) error { return runReport(env, args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "text", "`format` of the report: "+strings.Join(report.Names(), ", "))
	flags.StringVarP(&o.out, "output", "o", "", "write to `file` instead of standard output")
	flags.StringVar(&o.failOn, "fail-on", "error", "`severity` from which findings make the exit status 1: error, warning, none")
	bindSuppressions(cmd, &o.suppressions)
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(report.Names(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOnValues(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func runReport(env *environment, path string, o reportOptions) error {
	if err := oneOf("fail-on", o.failOn, failOnValues()...); err != nil {
		return err
	}
	if err := oneOf("format", o.format, report.Names()...); err != nil {
		return err
	}
	if err := notOver(o.out, path); err != nil {
		return err
	}
	entries, err := readSuppressions(o.suppressions)
	if err != nil {
		return err
	}
	res, err := load(path, analyze.Options{})
	if err != nil {
		return err
	}
	silence.Apply(res, entries)
	format := report.Lookup(o.format)
	options := env.options(env.stdout)
	if o.out != "" && o.out != "-" {
		options = env.options(io.Discard)
	}
	if err := env.output(o.out, func(w io.Writer) error { return format.Render(w, res, options) }); err != nil {
		return err
	}
	if failing(res, o.failOn) {
		return &exitError{code: exitFindings}
	}
	return damaged(path, &res.Run.Health)
}

// failOnValues are the values of --fail-on.
func failOnValues() []string { return []string{string(analyze.Error), string(analyze.Warning), "none"} }

// failing reports whether a result has a finding at or above a value of --fail-on.
func failing(res *analyze.Result, failOn string) bool {
	for i := range res.Findings {
		switch s := res.Findings[i].Severity; {
		case failOn == "none":
			return false
		case s == analyze.Error, s == analyze.Warning && failOn == string(analyze.Warning):
			return true
		}
	}
	return false
}
