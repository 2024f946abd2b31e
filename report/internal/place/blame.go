package place

import (
	"path"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Blame returns the line that a service shows a finding at: the one to blame if that is below the root, or the line of a test
// that had a helper do it; else the first below the root that the finding speaks of (evidence, close, where tasks were
// spawned, the test's function, loops were opened and run); else any of these; else the first line of the script that the
// process ran. nil if there is none of all.
func (r Root) Blame(f *analyze.Finding, run *analyze.Run) *analyze.Frame {
	candidates := spokenOf(f, run)
	for _, c := range candidates {
		if _, ok := r.Path(c.File, f.Process); ok {
			return c
		}
	}
	if len(candidates) > 0 {
		return candidates[0]
	}
	return nil
}

// tasksAsked bounds how many tasks of a finding are asked for where they were spawned.
const tasksAsked = 100

// spokenOf returns the frames that a finding speaks of which are in a file, the most telling first.
func spokenOf(f *analyze.Finding, run *analyze.Run) []*analyze.Frame {
	var out []*analyze.Frame
	add := func(frame *analyze.Frame) {
		if frame != nil && real(frame.File) && frame.Line > 0 && (frame.User || frame == f.At) {
			out = append(out, frame)
		}
	}
	add(madeFor(f))
	add(f.At)
	for i := range f.Evidence {
		add(f.Evidence[i].At)
	}
	if f.Close != nil {
		add(f.Close.At)
	}
	for _, t := range f.Tasks[:min(len(f.Tasks), tasksAsked)] {
		if t.Site != nil {
			add(t.Site.At)
		}
	}
	if len(f.Tests) > 0 {
		add(testOf(f.Tests[0], run))
	}
	process := f.Process
	if process == nil {
		process = mainProcess(run)
	}
	loops := []*analyze.Loop{}
	if f.Loop != nil {
		loops = append(loops, f.Loop)
	}
	if process != nil {
		loops = append(loops, process.Loops...)
	}
	for _, l := range loops {
		add(l.At)
		for _, r := range l.Runs {
			add(r.At)
		}
	}
	add(script(process))
	return out
}

// madeFor returns the line of a test whose coroutine a helper made a task of, nil if there is none. A service shows what is
// on the lines of a change: those of a new test are, those of the helper that all tests use are not.
func madeFor(f *analyze.Finding) *analyze.Frame {
	if len(f.Tests) != 1 || len(f.Tasks) == 0 {
		return nil
	}
	t := f.Tasks[0]
	c := t.Caller()
	if c == nil || f.At == nil || t.Site.At == nil || *f.At != *t.Site.At {
		return nil
	}
	call := t.Site.Coro[strings.LastIndexByte(t.Site.Coro, '.')+1:] + "("
	if strings.Contains(f.At.Text, call) || !strings.Contains(c.Text, call) {
		return nil
	}
	return c
}

// testOf returns the function of a test. A process that a test started knows its name only; the one that runs it knows more.
func testOf(t *analyze.Test, run *analyze.Run) *analyze.Frame {
	for _, o := range run.Tests {
		if t.Line == 0 && o.Line > 0 && o.Runner == t.Runner && o.Name == t.Name {
			t = o
		}
	}
	return &analyze.Frame{File: t.File, Line: t.Line, Function: t.Function, Qualname: t.Function, User: true}
}

// script returns the first line of the script that a process ran, nil if it ran none.
func script(p *analyze.Process) *analyze.Frame {
	if p == nil {
		return nil
	}
	for _, a := range p.Argv {
		if strings.HasSuffix(a, ".py") && !strings.HasPrefix(a, "-") {
			if !path.IsAbs(a) {
				a = path.Join(p.Cwd, a)
			}
			return &analyze.Frame{File: path.Clean(a), Line: 1, Function: "<module>", Qualname: "<module>", User: true}
		}
	}
	return nil
}
