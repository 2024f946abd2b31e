package rule

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// misuse is one call that asyncio refused, or one exception of its own that ended something.
type misuse struct {
	p       *analyze.Process
	timeNS  int64
	at      *analyze.Frame
	words   string
	thread  string
	task    *analyze.Task
	stack   []analyze.Frame
	refusal *analyze.CallRefusal // nil if the call itself was not observed
	failure *analyze.Failure     // what the exception ended; nil if the program caught it
}

// misuses returns what happened in a process with one of the given words. An exception that ends several things on its way
// out (a task, then the one that awaits it, then the process) is one.
func misuses(p *analyze.Process, words ...string) []misuse {
	var found []misuse
	for _, r := range p.Refused {
		if slices.Contains(words, r.Words) {
			found = append(found, misuse{p: p, timeNS: r.TimeNS, at: r.At, words: r.Words, thread: r.Thread, task: r.Task, stack: r.Stack, refusal: r, failure: r.Left})
		}
	}
	for _, f := range p.Failures {
		if !slices.Contains(words, f.Words) || slices.ContainsFunc(found, func(m misuse) bool { return m.tells(f) }) {
			continue
		}
		found = append(found, misuse{p: p, timeNS: f.TimeNS, at: f.At, words: f.Words, thread: f.Thread, task: f.Task, stack: f.Stack, failure: f})
	}
	return found
}

// tells reports whether f is the exception of m.
func (m *misuse) tells(f *analyze.Failure) bool {
	if m.words != f.Words {
		return false
	}
	if m.refusal != nil && compareFrames(firstUser(m.stack), f.At) == 0 {
		return true
	}
	return m.failure != nil && compareFrames(m.failure.At, f.At) == 0 && (f.At != nil || m.failure.Ended == f.Ended)
}

// byLibrary reports whether a library made the call and dealt with the refusal itself.
func (m *misuse) byLibrary() bool {
	from := caller(m.stack)
	return m.failure == nil && (m.at == nil || from != nil && !from.User)
}

// expected reports whether the program says that it may be refused, or a test asserts that it is.
func (m *misuse) expected() bool {
	return m.failure == nil && m.refusal != nil && m.refusal.Expected == "named" || m.asserted()
}

func (m *misuse) asserted() bool {
	return m.failure == nil && (m.refusal != nil && asserted(m.refusal.Expected, m.stack) || asserted("", m.stack))
}

// asserted reports whether a test says that the call with that stack must be refused: pytest.raises(), assertRaises(). It is
// no fault of the program then that it was, but what the test is about.
func asserted(expected string, stack []analyze.Frame) bool {
	return expected == "asserted" || slices.ContainsFunc(stack, asserts)
}

// asserts reports whether a frame is that of a test framework which calls something that must raise; where it does so in a
// with statement, the source of the program says it.
func asserts(f analyze.Frame) bool {
	file := filepath.ToSlash(f.File)
	return !f.User && (strings.HasSuffix(file, "/unittest/case.py") && f.Function == "handle" || strings.Contains(file, "/_pytest/") && f.Function == "raises")
}

// severity grades a misuse: what ended something is an error, what the program caught is as bad as caught says, and what a
// library tried, or the program expects, is information.
func (m *misuse) severity(caught analyze.Severity) analyze.Severity {
	switch {
	case m.failure != nil:
		return analyze.Error
	case m.byLibrary() || m.expected():
		return analyze.Note
	}
	return caught
}

// finding begins the finding of a misuse.
func (m *misuse) finding(caught analyze.Severity) analyze.Finding {
	f := analyze.Finding{At: m.at, Process: m.p, Severity: m.severity(caught)}
	f.Asserted = m.asserted()
	if m.task != nil {
		f.Tasks = []*analyze.Task{m.task}
		f.Loop = m.task.Loop
	}
	var e evidence
	e.add(m.timeNS, m.at, "refused%s: %s", m.where(), m.words)
	if m.failure != nil {
		e.add(m.failure.TimeNS, nil, "nobody caught the %s: it ended %s", m.failure.Exception, ended(m.failure))
	}
	f.Evidence = e
	return f
}

// where says which thread or task made the call.
func (m *misuse) where() string {
	switch {
	case m.task != nil:
		return " in " + theTask(m.task)
	case m.thread != "":
		return " in thread " + m.thread
	}
	return ""
}

// ended says what an exception ended.
func ended(f *analyze.Failure) string {
	switch f.Ended {
	case analyze.FailedTask:
		if f.Task != nil {
			return theTask(f.Task)
		}
		return "a task"
	case analyze.FailedCallback:
		return "a callback of the loop"
	case analyze.FailedThread:
		return "thread " + f.Thread
	}
	return "the program"
}

// callName returns the function that was refused, as the program calls it.
func (m *misuse) callName(otherwise string) string {
	if m.refusal == nil || m.refusal.Call == "" {
		return otherwise
	}
	return m.refusal.Call
}

// checkMisuse reports the misuses whose words are in said, which gives what was done and what to do for each.
func checkMisuse(run *analyze.Run, said map[string][2]string, caught analyze.Severity, report func(analyze.Finding)) {
	words := slices.Sorted(maps.Keys(said))
	for _, p := range run.Processes {
		for _, m := range misuses(p, words...) {
			if protocol[m.words] && (m.failure == nil || m.refusal == nil) {
				continue
			}
			f := m.finding(caught)
			f.Message = said[m.words][0]
			f.Fix = analyze.Fix{Summary: said[m.words][1]}
			switch {
			case m.words == parentGoneText:
				lateChild(&m, &f)
			case protocol[m.words]:
				f.Severity = ofProtocol(&m)
			}
			report(f)
		}
	}
}

// ofProtocol grades an exception that is there to be caught. A task may be meant to end by that of a barrier, which somebody
// broke on purpose; a producer that ends by that of its queue has lost an item.
func ofProtocol(m *misuse) analyze.Severity {
	switch {
	case m.failure.Ended != analyze.FailedTask:
		return analyze.Error
	case m.words == "QueueShutDown":
		return analyze.Warning
	}
	return analyze.Note
}
