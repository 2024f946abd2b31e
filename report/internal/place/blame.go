package place

import (
	"path"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Blame returns the line that a service shows a finding at: the one to blame if that is below the root; else the first below
// the root that the finding speaks of (evidence, close, where tasks were spawned, loops were opened and run); else any of
// these; else the first line of the script that the process ran. nil if there is none of all.
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
