package wording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Closer says who called close(), and in which circumstances.
func (p *Phraser) Closer(c *analyze.Close) string {
	text := p.Caller(c.At, c.Thread, c.Task, c.Signal)
	if c.Outcome == "seen" {
		text = p.Closed(c)
		if c.Task != nil {
			text += ", in " + TaskWord(p.Task(c.Task))
		}
	}
	if c.Running && c.RunningThread != "" && c.RunningThread != c.Thread {
		text += ", while the loop ran in thread " + p.Name(c.RunningThread)
	}
	if c.OtherProcess {
		text += ", in a forked child: the loop belongs to its parent process"
	}
	if h := c.Handling; h != nil {
		text += ", while handling " + p.Name(h.Type)
		if h.At != nil {
			text += " from " + p.Place(h.At)
		}
	}
	return text
}

// Caller says who made a call: the function, the task and the thread.
func (p *Phraser) Caller(at *analyze.Frame, thread string, task *analyze.Task, signal int) string {
	var words []string
	switch {
	case at == nil:
		words = append(words, "the library")
	case at.Function == "<module>":
		words = append(words, "module level of "+p.Path(at.File))
	case strings.HasPrefix(at.Function, "<") || at.Function == "":
		words = append(words, p.Place(at))
	default:
		words = append(words, p.Name(at.Function)+"()")
	}
	switch {
	case task != nil:
		words = append(words, "in "+TaskWord(p.Task(task)))
	case signal != 0:
		words = append(words, "as the handler of "+SignalName(signal))
	case p.golang:
	default:
		words = append(words, "outside any task")
	}
	if thread != "" {
		words = append(words, "thread "+p.Name(thread))
	}
	return strings.Join(words, ", ")
}

// UserFrame returns the innermost frame of the program, nil if there is none.
func UserFrame(frames []analyze.Frame) *analyze.Frame {
	for i := range frames {
		if frames[i].User {
			return &frames[i]
		}
	}
	return nil
}

// Label is what stands under the caret.
func Label(f *analyze.Finding, m Moment) string {
	if m.Close == nil || !closeIsAt(f) {
		return ""
	}
	n := len(m.Live)
	if len(f.Tasks) > 0 {
		n = len(Among(m.Live, f.Tasks))
	}
	switch {
	case m.Close.Outcome == "refused":
		return "refused here: the loop is running"
	case n > 0:
		live := m.Live
		if len(f.Tasks) > 0 {
			live = Among(live, f.Tasks)
		}
		return CountLive(live) + " still " + pendingWord(f.Process) + " here"
	}
	return ""
}

func closeIsAt(f *analyze.Finding) bool {
	return f.Close != nil && f.Close.At != nil && f.At != nil && *f.Close.At == *f.At
}

// Needles are the names of the call that a finding is about, for the caret.
func Needles(f *analyze.Finding) []string {
	if closeIsAt(f) {
		return []string{"close", "run", "run_until_complete"}
	}
	return []string{"close", "stop", "run_until_complete", "run_forever", "create_task", "ensure_future", "run", "cancel", "gather"}
}

// Alike groups tasks that ended in the same way and were spawned at the same place.
func (p *Phraser) Alike(tasks []*analyze.Task) [][]*analyze.Task {
	var groups [][]*analyze.Task
	index := map[string]int{}
	for _, t := range tasks {
		key := p.Outcome(t) + "\x00" + p.Spawned(t)
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

// LiveOf returns entries for tasks of which nothing more is to be said than their names.
func LiveOf(tasks []*analyze.Task) []*analyze.Live {
	var live []*analyze.Live
	for _, t := range tasks {
		live = append(live, &analyze.Live{Task: t})
	}
	return live
}

// Unused says why a suppression silenced nothing.
func (p *Phraser) Unused(res *analyze.Result, s *analyze.Suppression) string {
	if len(s.Rules) == 0 {
		return "it names no rule: write ignore[RULE]"
	}
	if unknown := unknownRule(res, s); unknown != "" {
		return "there is no rule " + p.Clean(unknown)
	}
	switch {
	case s.Baseline && s.Left < s.Count:
		return fmt.Sprintf("stale, this run had only %d of its %d findings", s.Count-s.Left, s.Count)
	case s.Baseline:
		return "stale, this run had no such finding"
	}
	return "nothing to silence in this run"
}

// unknownRule returns the first id that a comment names and no rule has, "" if there is none.
func unknownRule(res *analyze.Result, s *analyze.Suppression) string {
	known := map[string]bool{"*": !s.Comment}
	for i := range res.Rules {
		known[res.Rules[i].ID] = true
	}
	for _, id := range s.Rules {
		if !known[id] {
			return id
		}
	}
	return ""
}

// Suppression returns "ignore[rule] at app.py:3 (why)", of a baseline "rule at app.py in main in FILE:4".
func (p *Phraser) Suppression(s *analyze.Suppression) string {
	at := p.At(&analyze.Frame{File: s.File, Line: s.Line})
	text := p.Clean(s.Text) + " in " + at
	if s.Comment {
		text = fmt.Sprintf("ignore[%s] at %s", p.Clean(strings.Join(s.Rules, ", ")), at)
	}
	if s.Reason != "" {
		text += " (" + End(p.Clean(s.Reason), SourceColumns, p.ASCII) + ")"
	}
	return text
}

// FramesShown bounds a stack: the innermost frames say most, the outermost one says where it began.
const FramesShown = 6

// UserFrames returns the frames of the program; of a stack without any, its two innermost frames.
func UserFrames(frames []analyze.Frame) []*analyze.Frame {
	var shown []*analyze.Frame
	for i := range frames {
		if frames[i].User {
			shown = append(shown, &frames[i])
		}
	}
	if shown == nil {
		for i := range frames[:min(2, len(frames))] {
			shown = append(shown, &frames[i])
		}
	}
	return shown
}

// Evidence returns the facts behind a finding in the order of time.
func Evidence(f *analyze.Finding) []analyze.Evidence {
	facts := slices.Clone(f.Evidence)
	slices.SortStableFunc(facts, func(a, b analyze.Evidence) int { return cmp.Compare(a.TimeNS, b.TimeNS) })
	return facts
}

// Closing is what the part of a report about a close is called.
func Closing(c *analyze.Close) string {
	if c.Outcome == "seen" {
		return "closing function"
	}
	if c.Outcome != "closed" {
		return "close() called by"
	}
	return "closed by"
}

// Collector is who closed a loop implicitly.
const Collector = "the garbage collector (the loop's __del__), not by a call of the program"

// Ender says how a process ended when more than its plain end is known, with the stack; "" otherwise.
func (p *Phraser) Ender(e *analyze.Exit) (text string, stack []analyze.Frame) {
	switch {
	case e == nil:
	case e.Reason == "os._exit" || e.Reason == "exec":
		return e.Reason + "() of " + p.Caller(UserFrame(e.Stack), e.Thread, e.Task, 0), e.Stack
	case e.Signal != 0:
		return SignalName(e.Signal), nil
	case e.Uncaught != "":
		text = "uncaught " + p.Name(e.Uncaught)
		if e.UncaughtText != "" {
			text += ": " + p.Text(e.UncaughtText)
		}
		return text, e.UncaughtStack
	}
	return "", nil
}
