package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/view"
	"github.com/spf13/cobra"
)

const viewLong = `View shows a recorded run on the whole terminal: its tasks in a table that can
be sorted and filtered, the story of one task, the findings, what waits for
what, and the loops with what was live when they were closed.

  t f r         tasks, findings, loops     enter, esc  open, back
  arrows, hjkl  move; sort by another      i           invert the order
                column                     /           filter
  w             why a task waits           ?           all keys
  q             quit

EXIT STATUS
  0  the user quit
  2  wrong usage, no terminal, or the trace cannot be read or is damaged`

func newViewCommand(env *environment) *cobra.Command {
	var o reportFlags
	cmd := &cobra.Command{
		Use:     "view [flags] TRACE",
		Short:   "Browse a recorded run on the whole terminal",
		Long:    viewLong,
		Example: "  looptrace view TRACE",
		Args:    traceArgs(),
		RunE:    func(cmd *cobra.Command, args []string) error { return runView(cmd.Context(), env, args[0], &o) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.suppressions, "suppressions", nil, "leave out the findings that `file` accepts (may be repeated)")
	flags.StringVar(&o.baseline, "baseline", "", "leave out the findings that `file` accepts, a baseline of looptrace report")
	bindGo(cmd, &o.goFlags)
	return cmd
}

func runView(ctx context.Context, env *environment, path string, o *reportFlags) error {
	in, inOK := terminal(env.stdin)
	out, outOK := terminal(env.stdout)
	if !inOK || !outOK || env.getenv("TERM") == "dumb" {
		return usageError(errors.New("view needs a terminal for its input and output"), "looptrace report, tasks and timeline write text")
	}
	accepted, err := o.acceptance()
	if err != nil {
		return err
	}
	p := newProgress(env, "reading "+path)
	opts := reading{analyze.Options{Timeline: &analyze.TimelineOptions{MaxSteps: view.Steps}}, o.goFlags}
	res, err := loadThrough(path, opts, func(src tracefile.Source) tracefile.Source { return &watched{Source: src, progress: p} })
	p.done()
	if err != nil {
		return err
	}
	if _, err := accepted.apply(res); err != nil {
		return err
	}
	if ctx == nil {
		ctx = context.Background()
	}
	err = view.Run(ctx, res, view.Options{Text: env.options(env.stdout), Title: filepath.Base(path)}, in, out, 0, 0)
	switch {
	case errors.Is(err, view.ErrInterrupted):
		return &exitError{code: exitInterrupted}
	case err != nil:
		return &exitError{code: exitUsage, err: err}
	}
	return damaged(path, &res.Run.Health)
}

// exitInterrupted is what a shell makes of a command that SIGINT ended.
const exitInterrupted = 130
