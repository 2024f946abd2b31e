package jsonreport

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// linker makes a result of a document: it puts objects where the document has their numbers.
type linker struct {
	doc       *document
	res       *analyze.Result
	processes map[int]*analyze.Process
	loops     map[int]*analyze.Loop
	tasks     map[int]*analyze.Task
	tests     map[int]*analyze.Test
}

// result returns what the document tells of a run, or what in it contradicts itself.
func (d *document) result() (*analyze.Result, error) {
	l := &linker{
		doc: d, res: &analyze.Result{Run: &analyze.Run{}, Findings: []analyze.Finding{}},
		processes: map[int]*analyze.Process{}, loops: map[int]*analyze.Loop{}, tasks: map[int]*analyze.Task{}, tests: map[int]*analyze.Test{},
	}
	h := &d.health
	l.res.Run.Health = analyze.Health{Complete: h.Complete, Events: h.Events, Dropped: h.Dropped, Truncated: h.Truncated, Notes: h.Notes}
	for _, step := range []func() error{l.run, l.linkProcesses, l.linkLoops, l.linkTasks, l.linkExits, l.linkCloses, l.linkSites, l.linkTests, l.linkFindings} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.res, nil
}

func (l *linker) run() error {
	r, info := &l.doc.run, &l.res.Run.Info
	info.Command, info.DurationNS = r.Command, r.DurationNS
	if r.DurationNS < 0 {
		return fmt.Errorf("run.duration_ns is %d", r.DurationNS)
	}
	if r.StartedAt != nil {
		at, err := time.Parse(time.RFC3339Nano, *r.StartedAt)
		if err != nil {
			return fmt.Errorf("run.started_at is no time: %q", *r.StartedAt)
		}
		info.StartedAt = at.UnixNano()
	}
	info.Ended = r.ExitCode != nil || r.Signal != nil
	if r.ExitCode != nil {
		info.ExitCode = *r.ExitCode
	}
	if r.Signal != nil {
		info.Signal = *r.Signal
	}
	return nil
}

func (l *linker) linkProcesses() error {
	for i := range l.doc.processes {
		p := &l.doc.processes[i]
		if err := fresh(l.processes, p.ID, "process"); err != nil {
			return err
		}
		if p.Role != "main" && p.Role != "child" {
			return fmt.Errorf("processes[%d].role is %q", i, p.Role)
		}
		out := &analyze.Process{
			ID: p.ID, PID: p.PID, Main: p.Role == "main", Forked: p.Forked, Runtime: p.Runtime, Version: version(p.Runtime),
			Recorder: p.Recorder, Argv: p.Argv, Cwd: p.Cwd,
		}
		l.processes[p.ID] = out
		l.res.Run.Processes = append(l.res.Run.Processes, out)
	}
	analyze.ShareDirs(l.res.Run.Processes)
	for i := range l.doc.processes {
		parent, err := find(l.processes, l.doc.processes[i].Parent, "process")
		if err != nil {
			return err
		}
		l.res.Run.Processes[i].Parent = parent
	}
	return nil
}

// version returns the numbers of "cpython 3.13.0" and "go1.26.8", zeros if it has none.
func version(runtime string) (out [3]int) {
	_, numbers, ok := strings.Cut(runtime, " ")
	if golang, found := strings.CutPrefix(runtime, "go"); found && !ok {
		numbers = golang
	}
	for i, part := range strings.SplitN(numbers, ".", len(out)) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return [3]int{}
		}
		out[i] = n
	}
	return out
}

func (l *linker) linkLoops() error {
	for _, v := range l.doc.loops {
		if err := fresh(l.loops, v.ID, "loop"); err != nil {
			return err
		}
		p, err := find(l.processes, &v.Process, "process")
		if err != nil {
			return err
		}
		out := &analyze.Loop{ID: v.ID, Process: p, Class: v.Class}
		l.loops[v.ID] = out
		p.Loops = append(p.Loops, out)
		l.res.Run.Loops = append(l.res.Run.Loops, out)
	}
	return nil
}

func (l *linker) linkTasks() error {
	for _, v := range l.doc.tasks {
		if err := fresh(l.tasks, v.ID, "task"); err != nil {
			return err
		}
		p, err := find(l.processes, &v.Process, "process")
		if err != nil {
			return err
		}
		loop, err := find(l.loops, v.Loop, "loop")
		if err != nil {
			return err
		}
		out := &analyze.Task{ID: v.ID, Process: p, Loop: loop, Name: v.Name, Outcome: v.Outcome, Site: &analyze.Site{Coro: v.Coro}}
		l.tasks[v.ID] = out
		l.res.Run.Tasks = append(l.res.Run.Tasks, out)
	}
	return nil
}

func (l *linker) linkExits() error {
	for i := range l.doc.processes {
		e := &l.doc.processes[i].Exit
		out := &l.res.Run.Processes[i].Exit
		out.Code, out.Observed = e.Code, e.Observed
		if e.Signal != nil {
			out.Signal = *e.Signal
		}
		for _, v := range e.Live {
			t, err := find(l.tasks, &v.Task, "task")
			if err != nil {
				return err
			}
			out.Live = append(out.Live, &analyze.Live{Task: t, State: v.State})
		}
	}
	return nil
}

func (l *linker) linkCloses() error {
	for i := range l.doc.closes {
		v := &l.doc.closes[i]
		p, err := find(l.processes, &v.Process, "process")
		if err != nil {
			return err
		}
		loop, err := find(l.loops, v.Loop, "loop")
		if err != nil {
			return err
		}
		out := &analyze.Close{Index: i, Loop: loop, Process: p, TimeNS: v.TimeNS, Implicit: v.Implicit, At: readFrame(v.Site)}
		if v.Outcome != nil {
			out.Outcome = *v.Outcome
		}
		for _, live := range v.Live {
			t, err := find(l.tasks, &live.Task, "task")
			if err != nil {
				return err
			}
			out.Live = append(out.Live, &analyze.Live{Task: t})
		}
		l.res.Run.Closes = append(l.res.Run.Closes, out)
	}
	return nil
}

func (l *linker) linkSites() error {
	for i, v := range l.doc.sites {
		p, err := find(l.processes, v.Process, "process")
		if err != nil {
			return err
		}
		if min(v.Spawned, v.Returned, v.Raised, v.Cancelled) < 0 || v.BusyNS < 0 {
			return fmt.Errorf("sites[%d] has a number below zero", i)
		}
		s := &analyze.Site{Coro: v.Coro, At: readFrame(v.Site)}
		if v.Via != nil {
			s.Via = *v.Via
		}
		l.res.Run.Folded = append(l.res.Run.Folded, analyze.SiteCount{
			Process: p, Site: s, Spawned: v.Spawned, Returned: v.Returned, Raised: v.Raised, Cancelled: v.Cancelled, BusyNS: v.BusyNS,
		})
	}
	return nil
}

func (l *linker) linkTests() error {
	for _, v := range l.doc.tests {
		if err := fresh(l.tests, v.ID, "test"); err != nil {
			return err
		}
		p, err := find(l.processes, &v.Process, "process")
		if err != nil {
			return err
		}
		t := &analyze.Test{ID: v.ID, Process: p, Runner: v.Runner, Name: v.Name, Function: v.Function, BeginNS: v.BegunNS}
		l.tests[v.ID] = t
		l.res.Run.Tests = append(l.res.Run.Tests, t)
	}
	return nil
}

func (l *linker) linkFindings() error {
	for i := range l.doc.findings {
		f, err := l.finding(&l.doc.findings[i])
		if err != nil {
			return fmt.Errorf("findings[%d]: %w", i, err)
		}
		l.res.Findings = append(l.res.Findings, f)
	}
	for i := range l.doc.silenced {
		f, err := l.finding(&l.doc.silenced[i].Finding)
		if err != nil {
			return fmt.Errorf("silenced[%d]: %w", i, err)
		}
		l.res.Silenced = append(l.res.Silenced, analyze.Silenced{Finding: f, By: readSuppression(&l.doc.silenced[i].By)})
	}
	for i := range l.doc.unused {
		l.res.Unused = append(l.res.Unused, readSuppression(&l.doc.unused[i]))
	}
	return nil
}

func (l *linker) finding(v *finding) (f analyze.Finding, err error) {
	f = analyze.Finding{
		Rule: v.Rule, Severity: analyze.Severity(v.Severity), Message: v.Message, At: readFrame(v.Site), Subjects: v.Subjects,
		Fix: analyze.Fix{Summary: v.Fix.Summary, Code: v.Fix.Code}, Fingerprint: v.Fingerprint,
	}
	switch f.Severity {
	case analyze.Error, analyze.Warning, analyze.Note:
	default:
		return f, fmt.Errorf("severity is %q", v.Severity)
	}
	if v.Rule == "" {
		return f, errors.New("it has no rule")
	}
	if v.Cause != nil {
		f.Cause = *v.Cause
	}
	if f.Process, err = find(l.processes, v.Process, "process"); err != nil {
		return f, err
	}
	if f.Loop, err = find(l.loops, v.Loop, "loop"); err != nil {
		return f, err
	}
	if v.Close != nil {
		if *v.Close < 0 || *v.Close >= len(l.res.Run.Closes) {
			return f, fmt.Errorf("there is no close %d", *v.Close)
		}
		f.Close = l.res.Run.Closes[*v.Close]
	}
	for i := range v.Tasks {
		t, err := find(l.tasks, &v.Tasks[i], "task")
		if err != nil {
			return f, err
		}
		f.Tasks = append(f.Tasks, t)
	}
	for i := range v.Tests {
		t, err := find(l.tests, &v.Tests[i], "test")
		if err != nil {
			return f, err
		}
		f.Tests = append(f.Tests, t)
	}
	for _, e := range v.Evidence {
		out := analyze.Evidence{Text: e.Text, At: readFrame(e.Site), TimeNS: -1}
		if e.TimeNS != nil {
			out.TimeNS = *e.TimeNS
		}
		f.Evidence = append(f.Evidence, out)
	}
	return f, nil
}

func readSuppression(v *suppression) analyze.Suppression {
	return analyze.Suppression{
		File: v.File, Line: v.Line, Comment: v.Kind == "comment", Baseline: v.Kind == "baseline", Rules: v.Rules, Reason: v.Reason,
	}
}

func readFrame(v *frame) *analyze.Frame {
	if v == nil {
		return nil
	}
	out := &analyze.Frame{File: v.File, Line: v.Line, Function: v.Function, Qualname: cmp.Or(v.Qualname, v.Function), User: v.User}
	if v.Text != nil {
		out.Text = *v.Text
	}
	return out
}

// fresh refuses numbers that are none or are given twice.
func fresh[T any](known map[int]*T, id int, what string) error {
	if id < 1 {
		return fmt.Errorf("a %s has the id %d", what, id)
	}
	if known[id] != nil {
		return fmt.Errorf("%s %d is there twice", what, id)
	}
	return nil
}

// find returns what has a number, nil for none.
func find[T any](known map[int]*T, id *int, what string) (*T, error) {
	if id == nil {
		return nil, nil
	}
	v := known[*id]
	if v == nil {
		return nil, fmt.Errorf("there is no %s %d", what, *id)
	}
	return v, nil
}
