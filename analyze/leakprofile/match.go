package leakprofile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Apply finds the goroutines of a profile among those that were live when the trace of a Go process ends, and enters them in
// run.Unreachable. Goroutines that it does not find are counted in run.Health.Notes.
func (p *Profile) Apply(run *analyze.Run) {
	missing := 0
	var first *Stack
	for i := range p.Stacks {
		s := &p.Stacks[i]
		u := analyze.Unreachable{Stack: s.frames(), Count: s.Count}
		for _, proc := range run.Processes {
			if !proc.Go() {
				continue
			}
			if tasks := s.find(proc); len(tasks) > 0 {
				u.Process, u.Tasks = proc, tasks
				break
			}
		}
		if u.Process == nil {
			missing += s.Count
			if first == nil {
				first = s
			}
			continue
		}
		add(run, u)
	}
	if missing > 0 {
		run.Health.Notes = append(run.Health.Notes, fmt.Sprintf("goroutines of the goroutineleak profile that are not in the trace, or cannot be told there from others at the same line: %d; the first is %s", missing, first.place()))
	}
}

// add enters goroutines beside those of the same process with the same stack.
func add(run *analyze.Run, u analyze.Unreachable) {
	for i := range run.Unreachable {
		o := &run.Unreachable[i]
		if o.Process == u.Process && slices.Equal(o.Stack, u.Stack) {
			o.Count += u.Count
			o.Tasks = append(o.Tasks, u.Tasks...)
			return
		}
	}
	run.Unreachable = append(run.Unreachable, u)
}

// find returns the goroutines of a process that the stack is of. Without numbers they can be told only if no others wait there.
func (s *Stack) find(p *analyze.Process) []*analyze.Task {
	var found []*analyze.Task
	want := s.key()
	for _, l := range p.Exit.Live {
		if l.Task == nil || !l.Task.Goroutine() || l.State != "suspended" || keyOf(l.Awaiting) != want {
			continue
		}
		if s.ID == 0 || l.Task.Name == "goroutine "+strconv.FormatInt(s.ID, 10) {
			found = append(found, l.Task)
		}
	}
	if len(found) > s.Count || want == "" {
		return nil
	}
	return found
}

// key is the stack as it can be compared: functions and lines, without the frames of the runtime, which a profile and a trace
// have in different numbers.
func (s *Stack) key() string {
	var b strings.Builder
	for i := len(s.Frames) - 1; i >= 0; i-- {
		writeKey(&b, s.Frames[i].Function, s.Frames[i].Line)
	}
	return b.String()
}

// keyOf is key for a stack of a trace, outermost first.
func keyOf(frames []analyze.Frame) string {
	var b strings.Builder
	for i := range frames {
		writeKey(&b, frames[i].Qualname, frames[i].Line)
	}
	return b.String()
}

func writeKey(b *strings.Builder, function string, line int) {
	for _, pkg := range []string{"runtime.", "sync.", "internal/sync.", "time."} {
		if strings.HasPrefix(function, pkg) {
			return
		}
	}
	b.WriteString(function)
	b.WriteByte(':')
	b.WriteString(strconv.Itoa(line))
	b.WriteByte('\n')
}

func (s *Stack) frames() []analyze.Frame {
	out := make([]analyze.Frame, len(s.Frames))
	for i, f := range s.Frames {
		out[i] = analyze.Frame{File: f.File, Line: f.Line, Function: f.Function, Qualname: f.Function}
	}
	return out
}

// place names where the goroutines wait: "main.lose (/app/main.go:12)".
func (s *Stack) place() string {
	for _, f := range s.Frames {
		if !strings.HasPrefix(f.Function, "runtime.") && !strings.HasPrefix(f.Function, "sync.") {
			return fmt.Sprintf("%s (%s:%d)", clip(f.Function), clip(f.File), f.Line)
		}
	}
	return "one without a stack"
}

// clip bounds a name that goes into a sentence.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
