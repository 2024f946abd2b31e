package analyze

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Goroutines is the class of the loop that stands for Go's scheduler: its tasks are goroutines.
const Goroutines = "goroutines"

// Go reports whether the process is one of a Go program.
func (p *Process) Go() bool { return p != nil && strings.HasPrefix(p.Runtime, "go") }

// Goroutine reports whether the task is a goroutine, which no recorder had to tell of.
func (t *Task) Goroutine() bool { return t.Loop != nil && t.Loop.Class == Goroutines && t.Process.Go() }

// ownLoop is the loop of a task of which only the id is told: a goroutine that is older than the trace is one of them all.
func (p *proc) ownLoop() *loop {
	if p.goroutines != nil {
		return p.goroutines
	}
	return p.loop(0)
}

// older takes in where a goroutine is that took no step yet and is older than the trace.
func (p *proc) older(t *task, now int64) {
	if !p.pub.Go() || t.birthSeen || t.steps != 0 {
		return
	}
	p.guessCoro(t, t.chain)
	if t.sinceNS == 0 && t.chain.state == "suspended" {
		t.sinceNS, t.sinceLeast = now, true
	}
}

// snapshotBegun begins a list of what was live at a moment that somebody asks for.
func (p *proc) snapshotBegun(e *tracefile.Event) {
	s := &Snapshot{Process: p.pub, TimeNS: p.b.rel(e.Time), Why: e.Attrs.Get("why")}
	p.pub.Snapshots = append(p.pub.Snapshots, s)
	p.live = &liveSet{list: &s.Live, thread: p.thread(e.Thread), timeNS: e.Time, partial: true, seen: map[*task]*Live{}}
}

// goLibrary reports whether a file of a Go program is none of its own: it is in the module cache, or vendored. With -trimpath
// the path of a module begins with its name and version, and that of the standard library with the package.
func goLibrary(file string) bool {
	if strings.Contains(file, "/pkg/mod/") || strings.Contains(file, "/vendor/") || strings.HasPrefix(file, "_cgo_") {
		return true
	}
	if file == "" || file[0] == '/' || file[0] == '<' {
		return false
	}
	module, _, _ := strings.Cut(file, "@")
	first, _, _ := strings.Cut(file, "/")
	return module != file || !strings.Contains(first, ".")
}
