package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const taskLong = `Task tells the story of one task: who spawned it where, how long it ran, who
cancelled it, what it was waiting for when the loop was closed, and how it
ended. ID is the number that looptrace tasks shows, or the task's name if only
one has it: "goroutine 17" of a Go program.

EXIT STATUS
  0  the story was written
  2  wrong usage, there is no such task, or the trace cannot be read or is
     damaged`

func newTaskCommand(env *environment) *cobra.Command {
	var o goFlags
	cmd := &cobra.Command{
		Use:     "task [flags] TRACE ID",
		Short:   "Tell the story of one task",
		Long:    taskLong,
		Example: "  looptrace task TRACE 7",
		Args:    traceArgs("ID"),
		RunE:    func(_ *cobra.Command, args []string) error { return tellTask(env, args[0], args[1], o, term.Story) },
	}
	bindGo(cmd, &o)
	return cmd
}

func findTask(run *analyze.Run, id string) (*analyze.Task, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(id, "#"))
	var named []*analyze.Task
	for _, t := range run.Tasks {
		if err == nil && t.ID == number {
			return t, nil
		}
		if t.Name == id {
			named = append(named, t)
		}
	}
	switch len(named) {
	case 1:
		return named[0], nil
	case 0:
		return nil, usageError(fmt.Errorf("no such task: %q", id), "looptrace tasks TRACE lists the tasks with their ids")
	}
	ids := make([]string, 0, len(named))
	for _, t := range named[:min(len(named), 5)] {
		ids = append(ids, strconv.Itoa(t.ID))
	}
	return nil, usageError(fmt.Errorf("%d tasks are called %q", len(named), id), "give an id: "+strings.Join(ids, ", "))
}

// swapped says that the trace comes first, if it was given as the task.
func swapped(err error, path, id string) error {
	if _, missing := os.Stat(path); missing == nil {
		return err
	}
	if _, missing := os.Stat(id); missing != nil {
		return err
	}
	return usageError(fmt.Errorf("%s: no such file", path), "the trace comes before the task: "+id+" "+path)
}
