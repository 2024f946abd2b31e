package main

import (
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const whyLong = `Why tells what a task that did not go on was waiting for, who held that, what
that one was waiting for, and so on to the cause: a circle (a deadlock), a task
that is busy, a timer, the outside world. It is told as it was when the loop was
closed or shut down or the process ended; for a process that died suddenly, as
it was seen last. ID is the number that looptrace tasks shows, or the task's
name if only one has it.

EXIT STATUS
  0  the chain was written
  2  wrong usage, there is no such task, or the trace cannot be read or is
     damaged`

func newWhyCommand(env *environment) *cobra.Command {
	var o goFlags
	cmd := &cobra.Command{
		Use:     "why [flags] TRACE ID",
		Short:   "Tell what a stuck task waits for, and what that waits for",
		Long:    whyLong,
		Example: "  looptrace why TRACE 7",
		Args:    traceArgs("ID"),
		RunE:    func(_ *cobra.Command, args []string) error { return tellTask(env, args[0], args[1], o, term.Why) },
	}
	bindGo(cmd, &o)
	return cmd
}

// tellTask writes what tell has to say of one task of a trace.
func tellTask(env *environment, path, id string, o goFlags, tell func(io.Writer, *analyze.Result, *analyze.Task, term.Options) error) error {
	res, err := load(path, reading{goFlags: o})
	if err != nil {
		return swapped(err, path, id)
	}
	o.idle(env, path, res.Run)
	task, err := findTask(res.Run, id)
	if err != nil {
		return err
	}
	err = env.output("", func(w io.Writer) error { return tell(w, res, task, env.options(env.stdout)) })
	if err != nil {
		return err
	}
	return damaged(path, &res.Run.Health)
}
