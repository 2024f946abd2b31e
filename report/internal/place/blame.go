package place

import (
	"path"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Blame returns the line that a service shows a finding at: the one to blame if that is below the root, or the line of a test
// that had a helper do it; else the first below the root that the finding speaks of (evidence, close, where tasks were
// spawned, the test's function, loops were opened and run); else any of these; else the first line of the script that the
// process ran. nil if there is none of all.
func (r Root) Blame(f *analyze.Finding, run *analyze.Run) *analyze.Frame {
	near := inFiles(f, nearest(f))
	if at := r.below(f, near); at != nil {
		return at
	}
	far := inFiles(f, around(f, run))
	if at := r.below(f, far); at != nil {
		return at
	}
	if all := append(near, far...); len(all) > 0 {
		return all[0]
	}
	return nil
}

// below returns the first of the lines that is below the root.
func (r Root) below(f *analyze.Finding, lines []*analyze.Frame) *analyze.Frame {
	for _, at := range lines {
		if _, ok := r.Path(at.File, f.Process); ok {
			return at
		}
	}
	return nil
}

// inFiles returns those of the lines that are in a file and the program's, or blamed.
func inFiles(f *analyze.Finding, lines []*analyze.Frame) []*analyze.Frame {
	return slices.DeleteFunc(lines, func(at *analyze.Frame) bool {
		return at == nil || !real(at.File) || at.Line < 1 || !at.User && at != f.At
	})
}

// asked bounds how many tasks of a finding are asked for where they were spawned, and loops of its process for where they
// were opened: a run may have 20,000 of each, and as many findings.
const asked = 100

// nearest returns the lines that a finding speaks of, the most telling first; some are nil.
func nearest(f *analyze.Finding) []*analyze.Frame {
	out := []*analyze.Frame{madeFor(f), f.At}
	for i := range f.Evidence {
		out = append(out, f.Evidence[i].At)
	}
	if f.Close != nil {
		out = append(out, f.Close.At)
	}
	for _, t := range f.Tasks[:min(len(f.Tasks), asked)] {
		if t.Site != nil {
			out = append(out, t.Site.At)
		}
	}
	return out
}

// around returns the lines of what a finding belongs to: its test, its loop, others of its process, the script.
func around(f *analyze.Finding, run *analyze.Run) []*analyze.Frame {
	var out []*analyze.Frame
	if len(f.Tests) > 0 {
		out = append(out, testOf(f.Tests[0], run))
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
		loops = append(loops, process.Loops[:min(len(process.Loops), asked)]...)
	}
	for _, l := range loops {
		out = append(out, l.At)
		for _, r := range l.Runs[:min(len(l.Runs), asked)] {
			out = append(out, r.At)
		}
	}
	return append(out, script(process))
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
	if t.Line == 0 {
		for _, o := range run.Tests {
			if o.Line > 0 && o.Runner == t.Runner && o.Name == t.Name {
				t = o
				break
			}
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
