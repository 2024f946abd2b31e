package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/spf13/cobra"
)

const eventsLong = `Events writes the events of a trace as text, one a line, as they are read.
Without filters the text is a whole trace: all commands read it, too.

--process takes the number of a process in the trace (1 is the command
itself). --kind takes names of event kinds, such as task_spawned or
close_begun.

EXIT STATUS
  0  the events were written
  2  wrong usage, or the trace cannot be read or is damaged`

type eventsOptions struct {
	processes []uint
	kinds     []string

	closeFuncs []string
}

func newEventsCommand(env *environment) *cobra.Command {
	var o eventsOptions
	cmd := &cobra.Command{
		Use:     "events [flags] TRACE",
		Short:   "Write the events of a trace as text",
		Long:    eventsLong,
		Example: "  looptrace events --kind close_begun,close_ended TRACE",
		Args:    traceArgs(),
		RunE:    func(_ *cobra.Command, args []string) error { return runEvents(env, args[0], o) },
	}
	cmd.Flags().UintSliceVar(&o.processes, "process", nil, "only events of the processes with these `numbers`")
	cmd.Flags().StringSliceVar(&o.kinds, "kind", nil, "only events of these `kinds`")
	bindCloseFunc(cmd, &o.closeFuncs)
	must(cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kindNames(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func runEvents(env *environment, path string, o eventsOptions) error {
	wanted, err := newEventFilter(o)
	if err != nil {
		return err
	}
	file, err := openTrace(path, gotrace.Options{CloseFuncs: o.closeFuncs})
	if err != nil {
		return err
	}
	defer file.Close()
	err = env.output("", func(w io.Writer) error {
		text := tracefile.NewTextWriter(w, file)
		for {
			event, err := file.Next()
			switch {
			case errors.Is(err, io.EOF):
				return text.Close()
			case err != nil:
				return errors.Join(traceError(path, err), text.Close())
			case !wanted.has(event):
				continue
			}
			if err := text.Write(event); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	return damaged(path, &analyze.Health{Truncated: file.Health().Truncated})
}

// eventFilter is the events to write; an empty set stands for all.
type eventFilter struct {
	processes map[tracefile.StreamID]bool
	kinds     map[tracefile.Kind]bool
}

func newEventFilter(o eventsOptions) (eventFilter, error) {
	f := eventFilter{processes: map[tracefile.StreamID]bool{}, kinds: map[tracefile.Kind]bool{}}
	for _, p := range o.processes {
		f.processes[tracefile.StreamID(p)] = true
	}
	for _, name := range o.kinds {
		kind, ok := tracefile.ParseKind(name)
		if !ok {
			return f, usageError(fmt.Errorf("no such --kind: %q", name), "--kind takes names as looptrace events writes them: task_spawned, close_begun")
		}
		f.kinds[kind] = true
	}
	return f, nil
}

func (f eventFilter) has(e *tracefile.Event) bool {
	return (len(f.processes) == 0 || f.processes[e.Stream]) && (len(f.kinds) == 0 || f.kinds[e.Kind])
}

// kindNames are the names of all kinds that this version knows.
func kindNames() []string {
	var names []string
	for k := tracefile.Undetermined + 1; ; k++ {
		if parsed, ok := tracefile.ParseKind(k.String()); !ok || parsed != k {
			return names
		}
		names = append(names, k.String())
	}
}
