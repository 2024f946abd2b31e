package spans

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Mark is a moment of a loop or process that matters.
type Mark struct {
	TimeNS  int64
	Process *analyze.Process
	Loop    *analyze.Loop // nil: it is one of the process
	Kind    string        // "close", "stop", "shutdown", "signal", "exit", "finding"
	Name    string
	Details []Detail
	Stack   []analyze.Frame
}

// Marks returns what is to be marked, in the order of time.
func (l *Layout) Marks(findings []analyze.Finding) []Mark {
	var list []Mark
	for _, c := range l.Run.Closes {
		list = append(list, l.closeMark(c))
	}
	for _, loop := range l.Run.Loops {
		for _, s := range loop.Stops {
			m := Mark{TimeNS: s.TimeNS, Process: loop.Process, Loop: loop, Kind: "stop", Name: "stop()", Stack: s.Stack}
			m.Details = append(m.Details, Detail{"by", l.caller(loop.Process, s.At, s.Thread, s.Task, s.Signal)})
			list = append(list, m)
		}
		for _, s := range loop.Shutdowns {
			m := Mark{TimeNS: s.BeginNS, Process: loop.Process, Loop: loop, Kind: "shutdown", Name: "shutdown: cancels what is left", Stack: s.Stack}
			m.Details = append(m.Details, Detail{"live", wording.Count(len(s.Live), "task")})
			list = append(list, m)
		}
	}
	for _, p := range l.Run.Processes {
		for _, s := range p.Signals {
			list = append(list, Mark{TimeNS: s.TimeNS, Process: p, Loop: s.Loop, Kind: "signal", Name: wording.SignalName(s.Number)})
		}
		if p.Exit.TimeNS != 0 && p.Exit.Observed {
			list = append(list, l.exitMark(p))
		}
	}
	if missing := wording.Missing(&l.Run.Health); missing != "" && len(l.Run.Processes) > 0 {
		p := l.Run.Processes[0]
		list = append(list, Mark{TimeNS: p.StartedNS, Process: p, Kind: "finding", Name: "incomplete recording: " + missing})
	}
	for i := range findings {
		if m, ok := l.findingMark(&findings[i]); ok {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b Mark) int { return cmp.Compare(a.TimeNS, b.TimeNS) })
	return list
}

func (l *Layout) caller(p *analyze.Process, at *analyze.Frame, thread string, t *analyze.Task, signal int) string {
	l.words.About(l.Run, p)
	return l.words.Caller(at, thread, t, signal)
}

func (l *Layout) closeMark(c *analyze.Close) Mark {
	m := Mark{TimeNS: c.TimeNS, Process: c.Process, Loop: c.Loop, Kind: "close", Name: "close()", Stack: c.Stack}
	switch c.Outcome {
	case "refused":
		m.Name = "close() refused"
	case "raised":
		m.Name = "close() raised"
	case "noop":
		m.Name = "close() again"
	case "seen":
		m.Name = l.words.Closed(c)
	case "":
		m.Name = "close() that never returned"
	}
	by := wording.Collector
	if !c.Implicit {
		l.words.About(l.Run, c.Process)
		by = l.words.Closer(c)
	}
	m.Details = []Detail{{"by", by}, {"live", wording.CountLive(c.Live)}}
	if c.At != nil {
		m.Details = append(m.Details, Detail{"at", l.Place(c.Process, c.At)})
	}
	return m
}

func (l *Layout) exitMark(p *analyze.Process) Mark {
	e := &p.Exit
	m := Mark{TimeNS: e.TimeNS, Process: p, Kind: "exit", Name: "exit", Stack: e.Stack}
	switch {
	case e.Signal != 0:
		m.Name = "ended by " + wording.SignalName(e.Signal)
	case e.Reason != "" && e.Reason != "exit" && e.Reason != "signal":
		m.Name = l.words.Name(e.Reason)
	case e.Code != nil:
		m.Name = "exit " + strconv.Itoa(*e.Code)
	}
	if text, _ := l.words.Ender(e); text != "" {
		m.Details = append(m.Details, Detail{"by", text})
	}
	m.Details = append(m.Details, Detail{"live", wording.CountLive(e.Live)})
	return m
}

// findingMark puts a finding where its close was, else at its last dated evidence, else at the end of its process.
func (l *Layout) findingMark(f *analyze.Finding) (Mark, bool) {
	m := Mark{Process: f.Process, Loop: f.Loop, Kind: "finding", TimeNS: -1}
	m.Name = string(f.Severity) + "[" + f.Rule + "]"
	for _, e := range f.Evidence {
		m.TimeNS = max(m.TimeNS, e.TimeNS)
	}
	if f.Close != nil {
		m.TimeNS = f.Close.TimeNS
	}
	if m.Process == nil && m.Loop != nil {
		m.Process = m.Loop.Process
	}
	if m.Process == nil && len(l.Run.Processes) > 0 {
		m.Process = l.Run.Processes[0]
	}
	if m.Process == nil {
		return m, false
	}
	if m.TimeNS < 0 {
		m.TimeNS = m.Process.Exit.TimeNS
	}
	m.Details = append(m.Details, Detail{"message", l.words.Text(f.Message)})
	if f.At != nil {
		m.Details = append(m.Details, Detail{"at", l.Place(f.Process, f.At)})
	}
	if f.Fix.Summary != "" {
		m.Details = append(m.Details, Detail{"fix", l.words.Text(f.Fix.Summary)})
	}
	return m, true
}
