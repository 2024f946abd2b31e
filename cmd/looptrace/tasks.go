package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/tasklist"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const tasksLong = `Tasks lists the tasks of a recorded run: all of them with how they ended, or
those live at a moment.

--at close is the close() that the first finding is about, else the last one;
--at end the end of the processes; a time is counted from the start of the
run: 1.5s, 200ms, or a number of nanoseconds.

--filter looks at names, coroutines and places: a part of one, or all of one
if the filter holds * or ?. Several must all match. --state takes pending,
returned, raised, cancelled, collected, suspended, running, not-started, and
live for all that have not ended. --test looks at the name of the test that made
a task, likewise a part of it or all of it; of several, one must match.

In a Go program goroutines are tasks. --close-func tells what was live whenever
a function was on a stack that the trace has: 'app.(*Pool).Close', with the
directories of its import path or without, '(*Pool).Close', '*.Close'. Known
goroutines (of the runtime, idle connections) are left out while they have
not ended; --no-fold takes none for known, --fold more.

EXIT STATUS
  0  the list was written, be it empty
  2  wrong usage, or the trace cannot be read or is damaged`

type tasksOptions struct {
	at, format string
	maxRows    int
	query      tasklist.Query
	goFlags
}

func newTasksCommand(env *environment) *cobra.Command {
	var o tasksOptions
	cmd := &cobra.Command{
		Use:   "tasks [flags] TRACE",
		Short: "List the tasks of a recorded run",
		Long:  tasksLong,
		Example: `  looptrace tasks --at close TRACE
  looptrace tasks --state live --filter 'worker-*' --sort busy TRACE`,
		Args: traceArgs(),
		RunE: func(_ *cobra.Command, args []string) error { return runTasks(env, args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.at, "at", "", "list what was live at a `moment`: close, end, or a time such as 1.5s")
	flags.StringArrayVar(&o.query.Filter, "filter", nil, "only tasks that match `text`")
	flags.StringSliceVar(&o.query.States, "state", nil, "only tasks in one of these `states`")
	flags.StringArrayVar(&o.query.Tests, "test", nil, "only tasks made by tests that match `pattern`")
	flags.StringVar(&o.query.Sort, "sort", "id", "sort by `key`: "+strings.Join(tasklist.SortKeys(), ", "))
	flags.BoolVar(&o.query.Reverse, "reverse", false, "sort the other way round")
	flags.StringVar(&o.format, "format", "table", "`format` of the list: table, csv, json")
	flags.IntVar(&o.maxRows, "max-rows", 1000, "at most `n` rows of a table, 0 for all")
	bindGo(cmd, &o.goFlags)
	complete := map[string][]string{"at": {"close", "end"}, "state": tasklist.States(), "sort": tasklist.SortKeys(), "format": {"table", "csv", "json"}}
	for flag, values := range complete {
		must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	return cmd
}

func runTasks(env *environment, path string, o tasksOptions) error {
	if err := oneOf("format", o.format, "table", "csv", "json"); err != nil {
		return err
	}
	if o.maxRows < 0 {
		return usageError(fmt.Errorf("no such --max-rows: %d", o.maxRows), "--max-rows takes a number of rows, 0 for all")
	}
	var err error
	if o.query.At, err = tasklist.ParseWhen(o.at); err != nil {
		return usageError(err, "--at takes close, end, or a time since the start of the run: 1.5s, 200ms, 1500000000")
	}
	o.liveOnly = o.at == "end"
	res, err := load(path, reading{analyze.Options{At: o.query.At.Times()}, o.goFlags})
	if err != nil {
		return err
	}
	o.idle(env, path, res.Run)
	o.query.Fold = true
	list, err := tasklist.Select(res, o.query)
	if err != nil {
		return queryError(err)
	}
	err = env.output("", func(w io.Writer) error {
		switch o.format {
		case "csv":
			return list.CSV(w)
		case "json":
			return list.JSON(w)
		}
		return term.Tasks(w, res.Run, list, o.maxRows, env.options(env.stdout))
	})
	if err != nil {
		return err
	}
	return damaged(path, &res.Run.Health)
}

func queryError(err error) error {
	var value *tasklist.ValueError
	switch {
	case errors.As(err, &value):
		return usageError(err, fmt.Sprintf("--%s takes %s", value.Flag, strings.Join(value.Allowed, ", ")))
	case errors.Is(err, tasklist.ErrNoClose):
		return usageError(err, "--at end lists what was live when the processes ended")
	}
	return usageError(err, "--filter takes a part of a name, or a pattern with * and ?")
}
