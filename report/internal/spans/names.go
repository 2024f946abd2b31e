package spans

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// placesKept is how many lines of the program are kept in words.
const placesKept = 1 << 16

// Place returns "app.py:23 in main".
func (l *Layout) Place(p *analyze.Process, f *analyze.Frame) string {
	text, ok := l.places[f]
	if !ok {
		l.words.About(l.Run, p)
		text = l.words.Place(f)
		if len(l.places) < placesKept {
			l.places[f] = text
		}
	}
	return text
}

// Coro returns the name of a task's coroutine.
func (l *Layout) Coro(t *analyze.Task) string {
	if t.Site == nil || t.Site.Coro == "" {
		return "task"
	}
	return strings.TrimSuffix(l.words.Function(t), "()")
}

// Task returns the number, name and coroutine of a task: "7 Task-7 worker".
func (l *Layout) Task(t *analyze.Task) string {
	switch {
	case t.Name == "":
		return strconv.Itoa(t.ID) + " " + l.Coro(t)
	case t.Goroutine():
		return l.words.Name(t.Name) + " " + l.Coro(t)
	}
	return strconv.Itoa(t.ID) + " " + l.words.Name(t.Name) + " " + l.Coro(t)
}

// StepName returns the name of a step on its lane.
func (l *Layout) StepName(s *analyze.Step) string {
	if s.Task == nil {
		return "callback"
	}
	return l.Task(s.Task)
}

// LaneName returns "loop 1 (MainThread)".
func (l *Layout) LaneName(lane *Lane) string {
	if lane.Loop == nil {
		return "a loop that was not observed"
	}
	name := l.words.Loop(lane.Loop)
	switch {
	case lane.Number != 0 && wording.Scheduler(lane.Loop):
		return fmt.Sprintf("P%d", lane.Number-1)
	case lane.Number != 0:
		return fmt.Sprintf("%s, lane %d", name, lane.Number)
	}
	if lane.Loop.Thread != "" {
		name += " (" + l.words.Name(lane.Loop.Thread) + ")"
	}
	return name
}

// ProcessName returns the command of a process.
func (l *Layout) ProcessName(p *analyze.Process) string {
	if len(p.Argv) == 0 {
		if p.Go() {
			return "a Go program"
		}
		return "python"
	}
	return l.words.Command(p.Argv)
}

// RunName returns the command that was recorded, and what is missing of the recording.
func (l *Layout) RunName() string {
	name := "a recorded run"
	if len(l.Run.Info.Command) > 0 {
		name = l.words.Command(l.Run.Info.Command)
	}
	if missing := wording.Missing(&l.Run.Health); missing != "" {
		name += " (incomplete recording: " + missing + ")"
	}
	return name
}

// Clean makes text of the trace fit to be shown.
func (l *Layout) Clean(s string) string { return l.words.Clean(s) }

// Text does that with a sentence of a rule, and bounds it.
func (l *Layout) Text(s string) string { return l.words.Text(s) }

// Detail is one thing to say of a task or mark.
type Detail struct{ Key, Text string }

// TaskDetails says what is known of a task.
func (l *Layout) TaskDetails(t *analyze.Task) []Detail {
	list := []Detail{{"id", strconv.Itoa(t.ID)}, {"name", l.words.Name(t.Name)}, {codeKey(t), l.Coro(t)}, {"outcome", t.Outcome}}
	if e := t.Exception; e != nil {
		list = append(list, Detail{"exception", l.words.Text(strings.TrimSuffix(e.Type+": "+e.Message, ": "))})
	}
	if t.Site != nil && t.Site.At != nil {
		list = append(list, Detail{"spawned at", l.Place(t.Process, t.Site.At)})
		l.words.About(l.Run, t.Process)
		if source := l.words.Source(t.Site.At); source != "" {
			list = append(list, Detail{"spawned by", source})
		}
	}
	if t.Parent != nil {
		list = append(list, Detail{"parent", l.Task(t.Parent)})
	}
	if t.Test != nil {
		list = append(list, Detail{"test", l.words.Text(t.Test.Name)})
	}
	if t.Inherited != nil {
		list = append(list, Detail{"copy of", "task " + strconv.Itoa(t.Inherited.ID) + " of the parent process"})
	}
	return append(list, Detail{"steps", strconv.Itoa(t.Steps)}, Detail{"busy", wording.Duration(t.BusyNS)})
}

func codeKey(t *analyze.Task) string {
	if t.Process.Go() {
		return "function"
	}
	return "coroutine"
}

// StackLines is how many frames of a stack are told.
const StackLines = 64

// FrameText is a frame in words that are fit to be shown.
type FrameText struct {
	Function, File string
	Line           int
}

// Stack returns a stack in words, innermost first.
func (l *Layout) Stack(frames []analyze.Frame) []FrameText {
	frames = frames[:min(len(frames), StackLines)]
	list := make([]FrameText, 0, len(frames))
	for i := range frames {
		list = append(list, l.Frame(&frames[i]))
	}
	return list
}

// Frame returns a frame in words.
func (l *Layout) Frame(f *analyze.Frame) FrameText {
	name := f.Qualname
	if name == "" {
		name = f.Function
	}
	return FrameText{Function: l.words.Name(name), File: wording.Middle(l.words.Clean(f.File), 4096, false), Line: f.Line}
}
