package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/tasklist"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const timelineLong = `Timeline draws the loops and tasks of a recorded run over time: when each was
spawned, took steps, waited, was cancelled and ended, and what was live at a
moment. Where there are more tasks than rows, those of one place share a row.

Shown is what went on around the close() that the first finding is about, else
the last one, else the end. --at looks at another moment: close, end, or a time
since the start of the run (1.5s, 200ms, or a number of nanoseconds); --from
and --to set the ends, and --all shows the whole run.

EXIT STATUS
  0  the timeline was written
  2  wrong usage, or the trace cannot be read or is damaged`

type timelineOptions struct {
	at, from, to, format string
	tasks                []string
	all                  bool
	maxRows              int
	goFlags
}

func newTimelineCommand(env *environment) *cobra.Command {
	var o timelineOptions
	cmd := &cobra.Command{
		Use:   "timeline [flags] TRACE",
		Short: "Draw the loops and tasks of a recorded run over time",
		Long:  timelineLong,
		Example: `  looptrace timeline TRACE
  looptrace timeline --at end --max-rows 0 TRACE
  looptrace timeline --task worker-3 --from 1.2s --to 1.4s TRACE`,
		Args: traceArgs(),
		RunE: func(_ *cobra.Command, args []string) error { return runTimeline(env, args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.at, "at", "", "show what went on around a `moment`: close, end, or a time such as 1.5s")
	flags.StringVar(&o.from, "from", "", "begin at a `time`")
	flags.StringVar(&o.to, "to", "", "end at a `time`")
	flags.BoolVar(&o.all, "all", false, "show the whole run")
	flags.StringArrayVar(&o.tasks, "task", nil, "only the task with this `id` or name (may be repeated)")
	flags.IntVar(&o.maxRows, "max-rows", 40, "at most `n` rows of tasks, 0 for all")
	flags.StringVar(&o.format, "format", "text", "`format` of the timeline: text, json")
	bindGo(cmd, &o.goFlags)
	for flag, values := range map[string][]string{"at": {"close", "end"}, "format": {"text", "json"}} {
		must(cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)))
	}
	return cmd
}

func runTimeline(env *environment, path string, o timelineOptions) error {
	q, err := o.query()
	if err != nil {
		return err
	}
	res, err := load(path, reading{analyze.Options{Timeline: &analyze.TimelineOptions{}, At: q.At.Times()}, o.goFlags})
	if err != nil {
		return err
	}
	o.idle(env, path, res.Run)
	for _, id := range o.tasks {
		task, err := findTask(res.Run, id)
		if err != nil {
			return err
		}
		q.Tasks = append(q.Tasks, task)
	}
	chart, err := gantt.Build(res, q)
	if err != nil {
		return chartError(err)
	}
	err = env.output("", func(w io.Writer) error {
		if o.format == "json" {
			return chart.JSON(w)
		}
		return term.Timeline(w, res, chart, env.options(env.stdout))
	})
	if err != nil {
		return err
	}
	return damaged(path, &res.Run.Health)
}

// query reads the flags, all but --task, which needs the trace.
func (o *timelineOptions) query() (gantt.Query, error) {
	q := gantt.Query{All: o.all, MaxRows: o.maxRows}
	if err := oneOf("format", o.format, "text", "json"); err != nil {
		return q, err
	}
	if o.maxRows < 0 {
		return q, usageError(fmt.Errorf("no such --max-rows: %d", o.maxRows), "--max-rows takes a number of rows, 0 for all")
	}
	var err error
	if q.At, err = tasklist.ParseWhen(o.at); err != nil {
		return q, usageError(err, "--at takes close, end, or a time since the start of the run: 1.5s, 200ms, 1500000000")
	}
	for _, edge := range []struct {
		flag, value string
		to          *int64
	}{{"from", o.from, &q.FromNS}, {"to", o.to, &q.ToNS}} {
		when, err := tasklist.ParseWhen(edge.value)
		if err != nil || when.Kind != tasklist.Instant && edge.value != "" {
			return q, usageError(fmt.Errorf("no time: --%s %q", edge.flag, edge.value), "a time since the start of the run: 1.5s, 200ms, 1500000000")
		}
		if edge.value != "" {
			*edge.to = max(when.TimeNS, 1) // 0 would mean that none was given
		}
	}
	return q, nil
}

func chartError(err error) error {
	switch {
	case errors.Is(err, tasklist.ErrNoClose):
		return usageError(err, "--at end shows the end of the processes")
	case errors.Is(err, gantt.ErrEmpty):
		return usageError(err, "--from must be before --to")
	}
	return usageError(err, "")
}
