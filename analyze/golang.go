package analyze

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Goroutines is the class of the loop that stands for Go's scheduler: its tasks are goroutines.
const Goroutines = "goroutines"

// definesGo is defines for a test of Go: a frame of its function, or of a closure in it, is in a file of tests.
func (t *Test) definesGo(f *Frame) bool {
	top := t.Name
	if i := strings.IndexAny(top, "/ "); i >= 0 {
		top = top[:i]
	}
	_, function, _ := strings.Cut(f.Function, ".")
	function, _, _ = strings.Cut(function, ".")
	return function == top && top != "" && strings.HasSuffix(f.File, "_test.go")
}

// recorderPackage is what the names of the functions of the Go recorder begin with, wherever its files are.
const recorderPackage = "github.com/looptrace/looptrace/recorder."

// ofTimer returns the turn of the test in whose function a goroutine starts that no goroutine made: time.AfterFunc() does so.
// Which subtest it was is not known.
func (p *proc) ofTimer(t *task) *Turn {
	if !p.pub.Go() || t.site.Site == nil || !t.site.Site.Def.User {
		return nil
	}
	def := &t.site.Site.Def
	_, function, _ := strings.Cut(def.Function, ".")
	function, _, _ = strings.Cut(function, ".")
	if test := p.tests[goTest+"\x00"+function]; test != nil && test.definesGo(def) {
		return &Turn{TimeNS: p.b.rel(p.last), Test: test}
	}
	return nil
}

// goTest is the runner of the tests of a Go package.
const goTest = "go test"

// Go reports whether the process is one of a Go program.
func (p *Process) Go() bool { return p != nil && strings.HasPrefix(p.Runtime, "go") }

// Goroutine reports whether the task is a goroutine, which no recorder had to tell of.
func (t *Task) Goroutine() bool { return t.Loop != nil && t.Loop.Class == Goroutines && t.Process.Go() }

// stepsSummed takes in steps of a task that no events tell of.
func (p *proc) stepsSummed(e *tracefile.Event) {
	if t := p.task(e.Task, nil); t != nil && t.outcome == 0 {
		t.steps += int(min(e.Number, 1<<40))
		t.busyNS += int64(min(number(e.Attrs.Get("busy_ns")), 1<<60))
	}
}

// tasksSkipped keeps the numbers of tasks that no events tell of: a task has the same one however its trace is read.
func (p *proc) tasksSkipped(e *tracefile.Event) { p.b.lastID += int(min(e.Number, 1<<32)) }

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

// stepOpened counts the open steps of a loop.
func (l *loop) stepOpened(p *proc) {
	if !p.pub.Go() {
		return
	}
	l.open++
	l.pub.Overlapped = l.pub.Overlapped || l.open > 1
}

// maxGoSiteStack is how many frames of a go statement's stack are looked through for those of the program: what it asked of a
// library may be many calls away from the goroutine that this makes.
const maxGoSiteStack = 48

// siteStack returns the part of a creation stack that a site keeps: of Go at least down to the outermost frame of the program.
func (p *proc) siteStack(frames []Frame) []Frame {
	n := min(len(frames), maxSiteStack)
	if p.pub.Go() {
		for i := n; i < min(len(frames), maxGoSiteStack); i++ {
			if frames[i].User {
				n = i + 1
			}
		}
	}
	return frames[:n]
}

// snapshotBegun begins a list of what was live at a moment that somebody asks for.
func (p *proc) snapshotBegun(e *tracefile.Event) {
	s := &Snapshot{Process: p.pub, TimeNS: p.b.rel(e.Time), Why: e.Attrs.Get("why")}
	p.pub.Snapshots = append(p.pub.Snapshots, s)
	p.live = &liveSet{list: &s.Live, thread: p.thread(e.Thread), timeNS: e.Time, partial: true, seen: map[*task]*Live{}}
}

// findRoot finds the directory of a Go program of which nobody tells where it was started.
func (p *proc) findRoot() {
	if !p.pub.Go() || p.pub.Cwd != "" {
		return
	}
	root, found := "", false
	for file, user := range p.userFiles {
		if !user || file[0] != '/' {
			continue
		}
		dir := file[:strings.LastIndexByte(file, '/')]
		if !found {
			root, found = dir, true
		}
		for root != "" && dir != root && !strings.HasPrefix(dir, root+"/") {
			root = root[:strings.LastIndexByte(root, '/')]
		}
	}
	p.pub.Root = root
}

// pairTwins finds the Go processes of which two recordings tell: that of a recorder in the program, and an execution trace.
func (b *builder) pairTwins() {
	traced := map[int]*Process{}
	for _, p := range b.procs {
		if p.pub.Go() && p.pub.Recorder == executionTrace {
			traced[p.pub.PID] = p.pub
		}
	}
	for _, p := range b.procs {
		twin := traced[p.pub.PID]
		if twin == nil || !p.pub.Go() || p.pub.Recorder == executionTrace || p.pub.PID == 0 || twin.Twin != nil {
			continue
		}
		if p.pub.StartedNS <= twin.Exit.TimeNS && twin.StartedNS <= p.pub.Exit.TimeNS { // or the number was given again
			p.pub.Twin, twin.Twin = twin, p.pub
		}
	}
}

// executionTrace is the Process.Recorder of what runtime/trace recorded.
const executionTrace = "runtime/trace"
