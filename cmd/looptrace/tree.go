package main

import (
	"io"

	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const treeLong = `Tree shows which task spawned which, by process. Tasks of one place that ended
alike are folded after the first few.

--awaits adds what each task that did not end was last seen waiting for.

--waits shows the wait-for graph instead: tasks stand under the lock, queue or
task that they wait for, locks under the task that holds them, and circles are
marked.

EXIT STATUS
  0  the tree was written
  2  wrong usage, or the trace cannot be read or is damaged`

func newTreeCommand(env *environment) *cobra.Command {
	var o term.TreeOptions
	var golang goFlags
	cmd := &cobra.Command{
		Use:     "tree [flags] TRACE",
		Short:   "Show which task spawned which",
		Long:    treeLong,
		Example: "  looptrace tree --awaits TRACE",
		Args:    traceArgs(),
		RunE: func(_ *cobra.Command, args []string) error {
			res, err := load(args[0], reading{goFlags: golang})
			if err != nil {
				return err
			}
			golang.idle(env, args[0], res.Run)
			err = env.output("", func(w io.Writer) error {
				return term.Tree(w, res.Run, o, env.options(env.stdout))
			})
			if err != nil {
				return err
			}
			return damaged(args[0], &res.Run.Health)
		},
	}
	cmd.Flags().BoolVar(&o.Awaits, "awaits", false, "show what each live task waits for")
	cmd.Flags().BoolVar(&o.Waits, "waits", false, "show the wait-for graph: tasks under what they wait for")
	cmd.Flags().BoolVar(&o.All, "all", false, "fold nothing")
	bindGo(cmd, &golang)
	return cmd
}
