package rule

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Texts of asyncio that are facts.
const (
	stoppedText       = "Event loop stopped before Future completed."
	keyboardInterrupt = "KeyboardInterrupt"
	systemExit        = "SystemExit"
)

// own returns the live tasks that are a process's own: a forked child has copies of its parent's, which will never run.
func own(live []*analyze.Live) []*analyze.Live {
	var kept []*analyze.Live
	for _, l := range live {
		if l.Task != nil && l.Task.Inherited == nil {
			kept = append(kept, l)
		}
	}
	// The registry that they were read from is a set: its order means nothing.
	slices.SortStableFunc(kept, func(a, b *analyze.Live) int { return cmp.Compare(a.Task.ID, b.Task.ID) })
	return kept
}

// within reports whether all tasks of part are among some lists of tasks, which may be long.
func within(part []*analyze.Task, lists ...[]*analyze.Task) bool {
	if len(part) == 0 {
		return true
	}
	all := map[*analyze.Task]bool{}
	for _, list := range lists {
		for _, t := range list {
			all[t] = true
		}
	}
	return !slices.ContainsFunc(part, func(t *analyze.Task) bool { return !all[t] })
}

func tasksOf(live []*analyze.Live) []*analyze.Task {
	var tasks []*analyze.Task
	for _, l := range live {
		tasks = append(tasks, l.Task)
	}
	return tasks
}

// inModule reports whether a frame is in one of the named files of the standard library: "asyncio/runners.py".
func inModule(f analyze.Frame, names ...string) bool {
	if f.User {
		return false
	}
	file := filepath.ToSlash(f.File)
	for _, n := range names {
		if file == n || strings.HasSuffix(file, "/"+n) {
			return true
		}
	}
	return false
}

func inAsyncio(f analyze.Frame) bool {
	return !f.User && path.Base(path.Dir(filepath.ToSlash(f.File))) == "asyncio"
}

// installed reports whether a frame is of a package that was installed, rather than of the program or the standard library.
func installed(f analyze.Frame) bool {
	file := filepath.ToSlash(f.File)
	return !f.User && (strings.Contains(file, "/site-packages/") || strings.Contains(file, "/dist-packages/"))
}

// caller returns the frame that called asyncio: the innermost that is not asyncio's own. nil if there is none.
func caller(stack []analyze.Frame) *analyze.Frame {
	for i := range stack {
		if !inAsyncio(stack[i]) && !inModule(stack[i], "contextlib.py") {
			return &stack[i]
		}
	}
	return nil
}

// sameFunction returns the frame of stack in the same function as f, the innermost if it recurses. nil if there is none.
func sameFunction(stack []analyze.Frame, f *analyze.Frame) *analyze.Frame {
	for i := range stack {
		if f != nil && stack[i].File == f.File && stack[i].Function == f.Function {
			return &stack[i]
		}
	}
	return nil
}

// helperRun reports whether a run only served asyncio's own clean-up.
func helperRun(r *analyze.LoopRun) bool {
	if r.Target == nil || r.Target.Site == nil {
		return false
	}
	coro := r.Target.Site.Coro
	return strings.HasSuffix(coro, "shutdown_asyncgens") || strings.HasSuffix(coro, "shutdown_default_executor")
}

// ran returns the runs of a loop that ended before a moment, in order, without those of the clean-up.
func ran(l *analyze.Loop, before int64) []*analyze.LoopRun {
	var runs []*analyze.LoopRun
	for _, r := range l.Runs {
		if r.EndNS != 0 && r.EndNS <= before && !helperRun(r) && !inShutdown(l, r) {
			runs = append(runs, r)
		}
	}
	return runs
}

// inShutdown reports whether a run belongs to the phase of asyncio.run() that cancels what is left.
func inShutdown(l *analyze.Loop, r *analyze.LoopRun) bool {
	for _, s := range l.Shutdowns {
		if s.BeginNS <= r.BeginNS && (s.EndNS == 0 || r.BeginNS <= s.EndNS) {
			return true
		}
	}
	return false
}

// running reports whether a run of the loop never ended.
func running(l *analyze.Loop) *analyze.LoopRun {
	for _, r := range l.Runs {
		if r.EndNS == 0 {
			return r
		}
	}
	return nil
}

// endedNormally reports whether the interpreter of a process came to its end: a forked worker of multiprocessing ends in
// os._exit() by design, without that being an abrupt exit.
func endedNormally(p *analyze.Process) bool {
	return p.Exit.Observed && (p.Exit.Reason == "exit" || p.Exit.Reason == "os._exit" && leftByLibrary(p))
}

// leftByLibrary reports whether it was the standard library's process machinery that called os._exit() or exec.
func leftByLibrary(p *analyze.Process) bool {
	for _, f := range p.Exit.Stack {
		if f.User {
			return false
		}
		if inModule(f, "os.py") && f.Function == "_spawnvef" || strings.Contains(filepath.ToSlash(f.File), "/multiprocessing/") || installed(f) {
			return true
		}
	}
	return len(p.Exit.Stack) > 0
}

// ownLoops returns the loops that a process itself opened: a forked child's copies of its parent's are not its leaks.
func ownLoops(p *analyze.Process) []*analyze.Loop {
	var loops []*analyze.Loop
	for _, l := range p.Loops {
		if l.Inherited == nil {
			loops = append(loops, l)
		}
	}
	return loops
}
