package jsonreport

import (
	"time"

	"github.com/looptrace/looptrace/analyze"
)

func convert(res *analyze.Result) report {
	r := res.Run
	return report{
		Schema:    SchemaName,
		Run:       convertRun(r),
		Processes: list(r.Processes, convertProcess),
		Loops:     list(r.Loops, convertLoop),
		Closes:    list(r.Closes, convertClose),
		Tasks:     list(r.Tasks, convertTask),
		Findings:  list(res.Findings, convertFinding),
		Health:    convertHealth(&r.Health),
		Silenced:  list(res.Silenced, convertSilenced),
		Unused:    list(res.Unused, convertSuppression),
		Tests:     list(r.Tests, convertTest),
		Sites:     list(r.Folded, convertSite),
	}
}

func convertHealth(h *analyze.Health) health {
	return health{
		Complete: h.Complete, Events: h.Events, Dropped: h.Dropped, Truncated: h.Truncated, Notes: list(h.Notes, same),
	}
}

func convertSilenced(s analyze.Silenced) silenced {
	return silenced{Finding: convertFinding(s.Finding), By: convertSuppression(s.By)}
}

func convertTest(t *analyze.Test) test {
	return test{
		ID: t.ID, Process: t.Process.ID, Runner: t.Runner, Name: t.Name, File: known(t.File), Line: known(t.Line), Class: known(t.Class),
		Function: t.Function, BegunNS: t.BeginNS, EndedNS: known(t.EndNS),
		Task: taskID(t.Task),
	}
}

func testID(t *analyze.Test) *int {
	if t == nil {
		return nil
	}
	return &t.ID
}

func convertSite(c analyze.SiteCount) spawnSite {
	return spawnSite{
		Process: processID(c.Process), Coro: c.Site.Coro, Site: site(c.Site.At), Via: known(c.Site.Via),
		Spawned: c.Spawned, Returned: c.Returned, Raised: c.Raised, Cancelled: c.Cancelled, BusyNS: c.BusyNS,
	}
}

func convertSuppression(s analyze.Suppression) suppression {
	out := suppression{Kind: "file", File: s.File, Line: s.Line, Rules: list(s.Rules, same), Reason: s.Reason}
	switch {
	case s.Comment:
		out.Kind = "comment"
	case s.Baseline:
		out.Kind = "baseline"
	}
	return out
}

// list converts a list and never returns nil.
func list[F, T any](in []F, convert func(F) T) []T {
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}

func same[T any](v T) T { return v }

// known turns a zero value into null.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func convertRun(r *analyze.Run) run {
	out := run{Command: list(r.Info.Command, same), DurationNS: r.Info.DurationNS}
	if r.Info.StartedAt != 0 {
		s := time.Unix(0, r.Info.StartedAt).UTC().Format(time.RFC3339Nano)
		out.StartedAt = &s
	}
	if r.Info.Ended {
		out.Signal = known(r.Info.Signal)
		if r.Info.Signal == 0 {
			code := r.Info.ExitCode
			out.ExitCode = &code
		}
	}
	return out
}

func convertProcess(p *analyze.Process) process {
	out := process{
		ID: p.ID, PID: p.PID, Parent: processID(p.Parent), Role: "child", Runtime: p.Runtime, Recorder: p.Recorder,
		Argv: list(p.Argv, same),
		Exit: exit{
			Code: p.Exit.Code, Signal: known(p.Exit.Signal), Observed: p.Exit.Observed, Live: list(p.Exit.Live, convertLive),
		},
		Cwd: p.Cwd, Forked: p.Forked, Snapshots: list(p.Snapshots, convertSnapshot),
	}
	if p.Main {
		out.Role = "main"
	}
	return out
}

func convertLoop(l *analyze.Loop) loop {
	return loop{
		ID: l.ID, Process: l.Process.ID, Class: l.Class, Thread: known(l.Thread), CreatedAt: site(l.At), Runs: list(l.Runs, convertSpan),
		Test: testID(l.Test), Fixture: l.Fixture,
	}
}

func convertSpan(r *analyze.LoopRun) span {
	return span{
		API: r.API, Thread: known(r.Thread), BegunNS: r.BeginNS, EndedNS: known(r.EndNS), Site: site(r.At), Task: taskID(r.Target),
		TargetDone: r.TargetDone, Stopped: r.Stopped, Exception: known(r.Exception),
	}
}

func convertClose(c *analyze.Close) closing {
	return closing{
		Loop: loopID(c.Loop), Process: c.Process.ID, TimeNS: c.TimeNS, Outcome: known(c.Outcome), Implicit: c.Implicit,
		Thread: known(c.Thread), Task: taskID(c.Task), Signal: known(c.Signal), Site: site(c.At), Stack: list(c.Stack, convertFrame),
		Live: list(c.Live, convertLive), Function: c.Function,
	}
}

func convertSnapshot(s *analyze.Snapshot) snapshot {
	return snapshot{TimeNS: s.TimeNS, Why: s.Why, Live: list(s.Live, convertLive)}
}

func convertTask(t *analyze.Task) task {
	out := task{
		ID: t.ID, Process: t.Process.ID, Loop: loopID(t.Loop), Name: t.Name, Parent: taskID(t.Parent), CreatedNS: t.SpawnedNS,
		EndedNS: known(t.EndedNS), Steps: t.Steps, BusyNS: t.BusyNS, Outcome: t.Outcome, Cancels: list(t.Cancels, convertCancel),
		CreationStack: []frame{}, Test: testID(t.Test), Fixture: t.Fixture,
	}
	if s := t.Site; s != nil {
		out.Coro, out.CreatedAt, out.CreatedVia = s.Coro, site(s.At), known(s.Via)
		out.CreationStack = list(s.Stack, convertFrame)
	}
	if t.Exception != nil {
		out.Exception = &exception{Type: t.Exception.Type, Message: t.Exception.Message}
	}
	return out
}

func convertCancel(c analyze.Cancel) cancel {
	return cancel{TimeNS: c.TimeNS, ByTask: taskID(c.By), Site: site(c.At), Stack: list(c.Stack, convertFrame)}
}

func convertFinding(f analyze.Finding) finding {
	out := finding{
		Rule: f.Rule, Severity: string(f.Severity), Cause: known(f.Cause), Message: f.Message, Site: site(f.At),
		Process: processID(f.Process), Loop: loopID(f.Loop),
		Tasks:    list(f.Tasks, func(t *analyze.Task) int { return t.ID }),
		Subjects: list(f.Subjects, same), Evidence: list(f.Evidence, convertEvidence),
		Fix: fix{Summary: f.Fix.Summary, Code: f.Fix.Code}, Fingerprint: f.Fingerprint,
		Tests: list(f.Tests, func(t *analyze.Test) int { return t.ID }),
	}
	if f.Close != nil {
		i := f.Close.Index
		out.Close = &i
	}
	return out
}

func convertEvidence(e analyze.Evidence) evidence {
	out := evidence{Text: e.Text, Site: site(e.At)}
	if e.TimeNS >= 0 {
		out.TimeNS = &e.TimeNS
	}
	return out
}

func convertLive(l *analyze.Live) live {
	return live{
		Task: l.Task.ID, State: l.State, Site: site(l.At), Awaiting: list(l.Awaiting, convertFrame),
		On: on{Kind: l.On.Kind, Task: taskID(l.On.Task)}, SinceNS: known(l.SinceNS), SinceLeast: l.SinceLeast,
	}
}

func convertFrame(f analyze.Frame) frame {
	out := frame{File: f.File, Line: f.Line, Function: f.Function, Text: known(f.Text), User: f.User}
	if f.Qualname != f.Function {
		out.Qualname = f.Qualname
	}
	return out
}

func site(f *analyze.Frame) *frame {
	if f == nil {
		return nil
	}
	out := convertFrame(*f)
	return &out
}

func taskID(t *analyze.Task) *int {
	if t == nil {
		return nil
	}
	return &t.ID
}

func loopID(l *analyze.Loop) *int {
	if l == nil {
		return nil
	}
	return known(l.ID)
}

func processID(p *analyze.Process) *int {
	if p == nil {
		return nil
	}
	return &p.ID
}
