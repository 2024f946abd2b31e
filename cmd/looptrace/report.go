package main

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report"
	"github.com/spf13/cobra"
)

const reportLong = `Report says what went wrong in a recorded run: the fault, the line, who closed
the loop, what was live, and the fix.

TRACE is a trace file, or the spool directory of a recording that was cut off.
A damaged trace is reported as far as it goes, and what is missing is said.

In a Go program goroutines are tasks. --close-func tells what was live whenever
a function was on a stack that the trace has: 'app.(*Pool).Close', with the
directories of its import path or without, '(*Pool).Close', '*.Close'. Known
goroutines (of the runtime, idle connections) are no leaks; --no-fold takes
none for known, --fold more.

EXIT STATUS
  0  no finding that --fail-on names
  1  there are such findings
  2  wrong usage, the trace cannot be read or the report not written; or there
     is no such finding in what is left of a damaged trace`

type reportOptions struct {
	format, out string
	formatSet   bool
	failOn      failOn
	reportFlags
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
		RunE: func(cmd *cobra.Command, args []string) error {
			o.formatSet = cmd.Flags().Changed("format")
			return runReport(env, args[0], o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "text", "`format` of the report: "+strings.Join(report.Names(), ", "))
	flags.StringVarP(&o.out, "output", "o", "", "write to `file` instead of standard output")
	bindFailOn(cmd, &o.failOn, string(analyze.Error), "make the exit status 1")
	bindReports(cmd, &o.reportFlags)
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatCompletions(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func runReport(env *environment, path string, o reportOptions) error {
	if err := o.failOn.check(); err != nil {
		return err
	}
	if err := oneOf("format", o.format, report.Names()...); err != nil {
		return err
	}
	list, err := o.artefacts(path)
	if err != nil {
		return err
	}
	accepted, err := o.acceptance()
	if err != nil {
		return err
	}
	res, err := load(path, o.loading(list))
	if err != nil {
		return err
	}
	o.idle(env, path, res.Run)
	said, err := accepted.apply(res)
	if err != nil {
		return err
	}
	if said != "" {
		fmt.Fprintf(env.stderr, "looptrace: %s\n", printable(said))
	}
	if err := env.writeArtefacts(list, res, &o.reportFlags, &o.failOn, env.stdout); err != nil {
		return err
	}
	if o.failOn.failing(res) {
		return &exitError{code: exitFindings}
	}
	return damaged(path, &res.Run.Health)
}

// artefacts returns the reports to write: that of --format, unless only others were asked for, and those of --report.
func (o *reportOptions) artefacts(trace string) ([]artefact, error) {
	list, err := o.reportFlags.artefacts()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || o.formatSet || o.out != "" {
		first := artefact{format: report.Lookup(o.format)}
		if o.out != "-" {
			first.file = o.out
		}
		list = append([]artefact{first}, list...)
	}
	for _, a := range list {
		if err := notOver(a.file, trace); err != nil {
			return nil, err
		}
	}
	return list, apart(o.uses(list))
}
