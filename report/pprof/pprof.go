// Package pprof writes profiles of tasks in the format of pprof: what was left over, by the stack of its creation, and how
// long tasks waited, by await stack. They are of asyncio's tasks and of goroutines alike.
package pprof

import (
	"fmt"
	"io"

	"github.com/google/pprof/profile"

	"github.com/looptrace/looptrace/analyze"
)

// Live writes the tasks that were live, by creation stack. The innermost frame of each stack is the function that the task
// runs, called from where the task was made. Values are tasks, and ns that they have been suspended for.
//
// The moment is that of the last snapshot of a process, else that of the last calls of the functions that were looked for,
// else its end; there, the tasks that closes have left pending before are live too. Errors are those of w.
func Live(w io.Writer, res *analyze.Result) error {
	t := newTable(res, "live tasks by creation stack", &profile.ValueType{Type: "tasks", Unit: "count"}, &profile.ValueType{Type: "waiting", Unit: "nanoseconds"})
	t.profile.DefaultSampleType = "tasks"
	left := leftOver(res)
	for _, l := range left {
		t.define(l.task)
	}
	for _, l := range left {
		t.add(t.creation(l.task), t.taskLabels(l), 1, l.waitNS)
	}
	return t.write(w)
}

// Waits writes how long tasks waited in the whole run, by await stack (Run.Waited). Values are waits and their ns, and of
// these the waits that never ended. A wait that no sample came across stands at awaitNotSeen. Errors are those of w.
func Waits(w io.Writer, res *analyze.Result) error {
	t := newTable(
		res, "time that tasks waited, by await stack",
		&profile.ValueType{Type: "waits", Unit: "count"}, &profile.ValueType{Type: "waiting", Unit: "nanoseconds"},
		&profile.ValueType{Type: "unfinished", Unit: "count"}, &profile.ValueType{Type: "unfinished_waiting", Unit: "nanoseconds"},
	)
	t.profile.DefaultSampleType = "waiting"
	t.profile.PeriodType = &profile.ValueType{Type: "waiting", Unit: "nanoseconds"}
	for _, task := range res.Run.Tasks {
		t.define(task)
	}
	for _, s := range res.Run.Waited {
		t.add(t.await(s), t.waitLabels(s), int64(s.Count), s.WaitNS, int64(s.Open), s.OpenNS)
	}
	return t.write(w)
}

// awaitNotSeen stands for the frames of a wait that nothing is known of but the task.
const awaitNotSeen = "(await not seen)"

// creationNotSeen stands for the stack of a task that was made before the recording began.
const creationNotSeen = "(creation not seen)"

// creation returns the stack of a task's creation, below the function that it runs.
func (t *table) creation(task *analyze.Task) []*profile.Location {
	s := task.Site
	if s == nil {
		s = &analyze.Site{}
	}
	stack := []*profile.Location{t.runs(task.Process, s)}
	if len(s.Stack) == 0 {
		return append(stack, t.note(task.Process, creationNotSeen))
	}
	for i := range s.Stack {
		stack = append(stack, t.location(task.Process, &s.Stack[i]))
	}
	return stack
}

// runs returns the function that a task runs.
func (t *table) runs(p *analyze.Process, s *analyze.Site) *profile.Location {
	def := s.Def
	if def.Qualname == "" {
		def.Qualname = s.Coro
	}
	if def.Qualname == "" {
		return t.note(p, "(a task)")
	}
	return t.location(p, &def)
}

// await returns the stack that a wait is in, innermost first.
func (t *table) await(s *analyze.Waited) []*profile.Location {
	if len(s.Stack) == 0 {
		site := s.Site
		if site == nil {
			site = &analyze.Site{}
		}
		return []*profile.Location{t.note(s.Process, awaitNotSeen), t.runs(s.Process, site)}
	}
	var stack []*profile.Location
	for i := len(s.Stack) - 1; i >= 0; i-- {
		stack = append(stack, t.location(s.Process, &s.Stack[i]))
	}
	return stack
}

// write writes the profile, compressed.
func (t *table) write(w io.Writer) error {
	if err := t.profile.CheckValid(); err != nil {
		return fmt.Errorf("make a profile: %w", err)
	}
	return t.profile.Write(w)
}
