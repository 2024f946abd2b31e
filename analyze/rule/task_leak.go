package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

const causeDoneRetained = "done-retained"

func taskLeak() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "task-leak", Severity: analyze.Warning, Since: "0.1",
			Title: "live tasks or goroutines of one place that only grow in number",
			Doc: `One line of the program spawned tasks again and again over the run, and they did not end: each step, request or
connection left one behind. A service that does this gets slower and bigger until it is restarted.

**Reported** when 20 or more tasks of one place were live at the end, all waiting at the same line, spawned in many different
steps from early on, and their number had grown all along. As an error when the loop was closed under them.

**Reported as a note** (done-retained): many tasks that are done and were still referenced at the end.

**Not reported**: tasks that one step spawned (a pool, a gather() of ten thousand); tasks that ended late; a number that goes
up and down; tasks that wait for a lock, a semaphore, an executor or other tasks; handlers of a stream server; after
Ctrl-C or an error, tasks whose spawning task was still there.

**Fix**: let whoever spawns the task end it: await it, put it into a TaskGroup, give its wait a time limit, or cancel it when
the request ends.` + leakGo,
			Causes: []analyze.CauseInfo{
				{ID: causeDoneRetained, Doc: "The tasks are done, but a list, set or dictionary of the program keeps every one of them with its result. Discard a task when it is done."},
			},
		},
		Check: checkLeak, CheckGo: checkLeakGo,
	}
}

const (
	leakAtLeast   = 20  // tasks
	leakBatches   = 10  // steps that spawned them
	retainedMin   = 100 // done tasks
	growthQuarter = 1.2 // by which the number of live tasks must have grown in each half of the spawns
)

// leak is the tasks of one place that were live at the end of a loop.
type leak struct {
	site   *analyze.Site
	counts analyze.SiteCount // of all of its stacks; the growth is that of the largest
	live   []*analyze.Live
	close  *analyze.Close // that dropped them; nil if they were cancelled or the process ended
	timeNS int64
	calm   bool // the run had ended because its main coroutine returned
}

func checkLeak(run *analyze.Run, report func(analyze.Finding)) {
	for _, l := range run.Loops {
		for _, k := range leaksOf(run, l) {
			if k.grows() && !k.acrossTests() {
				report(k.finding(l))
			}
		}
	}
	for _, p := range run.Processes {
		for i := range p.Retained {
			reportRetained(run, p, &p.Retained[i], report)
		}
	}
}

// leaksOf groups what a loop had at its end by place.
func leaksOf(run *analyze.Run, l *analyze.Loop) []*leak {
	end := leak{}
	var live []*analyze.Live
	switch n := len(l.Shutdowns); {
	case l.Inherited != nil:
		return nil
	case n > 0 && len(l.Shutdowns[n-1].Live) > 0:
		s := l.Shutdowns[n-1]
		r := endedRun(l, s)
		live, end.timeNS, end.calm = s.Live, s.BeginNS, r != nil && good(r)
	case l.ClosedBy != nil && !l.ClosedBy.Implicit:
		live, end.timeNS, end.close, end.calm = l.ClosedBy.Live, l.ClosedBy.TimeNS, l.ClosedBy, true
	default:
		live, end.timeNS = liveOf(l.Process, l), l.Process.Exit.TimeNS
	}
	type place struct {
		coro string
		at   analyze.Frame
	}
	var found []*leak
	known := map[place]*leak{} // as sameSite has it
	for _, x := range own(live) {
		s := x.Task.Site
		if s == nil || s.At == nil || s.Via != "" || x.Task.Loop != l || unlike(x) {
			continue
		}
		key := place{s.Coro, *s.At}
		k := known[key]
		if k == nil {
			k = new(leak)
			*k = end
			k.site = s
			known[key], found = k, append(found, k)
		}
		k.live = append(k.live, x)
	}
	found = slices.DeleteFunc(found, func(k *leak) bool { return len(k.live) < leakAtLeast })
	for _, k := range found {
		k.count(run)
	}
	return found
}

// unlike reports whether a task is not left behind, as far as can be told: it is about to be worked on, or ending.
func unlike(l *analyze.Live) bool {
	switch l.On.Kind {
	case "lock", "semaphore", "executor", "task", "gather", "wait", "shield", "subprocess", "none":
		return true
	}
	return l.State != "suspended" || l.CancelsSoFar > 0
}

// count sums up what was ever spawned at the place of a leak.
func (k *leak) count(run *analyze.Run) {
	largest := 0
	for _, c := range run.Folded {
		if !sameSite(c.Site, k.site) {
			continue
		}
		k.counts.Spawned += c.Spawned
		k.counts.Returned += c.Returned
		k.counts.Raised += c.Raised
		k.counts.Cancelled += c.Cancelled
		k.counts.Batches += c.Batches
		if c.Spawned > largest {
			largest = c.Spawned
			k.counts.Growth = c.Growth
		}
	}
}

// grows reports whether the number of live tasks grew all along and not at once.
func (k *leak) grows() bool {
	n := len(k.live)
	if k.counts.Batches < leakBatches || k.counts.Batches*5 < n || !k.sameAwait() {
		return false
	}
	if !k.calm && !k.abandoned() {
		return false
	}
	quarter, half, last := k.at(1, 4), k.at(1, 2), k.at(1, 1)
	return quarter > 0 && float64(half) >= float64(quarter)*growthQuarter && float64(last) >= float64(half)*growthQuarter && k.survivors()*4 >= n
}

// at returns how many tasks were live after a part of the spawns.
func (k *leak) at(part, of int) int {
	g := k.counts.Growth
	if len(g) < 4 {
		return 0
	}
	return g[(len(g)*part+of-1)/of-1].Live
}

// acrossTests reports whether the tasks are those of several tests of a test runner. Each of these is told of what it left.
func (k *leak) acrossTests() bool {
	first := ownTest(k.live[0].Task)
	return slices.ContainsFunc(k.live, func(l *analyze.Live) bool { return ownTest(l.Task) != first })
}

// sameAwait reports whether nearly all of the tasks wait at the same line.
func (k *leak) sameAwait() bool {
	at := map[string]int{}
	most := 0
	for _, l := range k.live {
		if l.At != nil {
			key := place(nil, l.At)
			at[key]++
			most = max(most, at[key])
		}
	}
	return most*5 >= len(k.live)*4
}

// survivors returns how many of the live tasks are of the first half of the time in which such tasks were spawned.
func (k *leak) survivors() int {
	g := k.counts.Growth
	middle := g[len(g)/2].TimeNS
	n := 0
	for _, l := range k.live {
		if l.Task.SpawnedNS <= middle {
			n++
		}
	}
	return n
}

// abandoned reports whether each of the tasks was spawned by one that has ended, and serves no connection: after Ctrl-C or an
// error, what was live may have been wanted.
func (k *leak) abandoned() bool {
	gone := map[*analyze.Task]bool{}
	n := 0
	for _, l := range k.live {
		if p := l.Task.Parent; p != nil && p.EndedNS != 0 && l.On.Kind != "io" {
			gone[p] = true
			n++
		}
	}
	return n*5 >= len(k.live)*4 && len(gone) >= leakBatches
}

func (k *leak) finding(l *analyze.Loop) analyze.Finding {
	p := l.Process
	f := analyze.Finding{At: k.site.At, Process: p, Loop: l, Tasks: tasksOf(k.live)}
	if k.close != nil {
		f.Severity = analyze.Error
		f.Close = k.close
	}
	f.Message = fmt.Sprintf("tasks of %s pile up: %s were spawned at %s one after the other, and %s at the end", coroName(k.site), count(k.counts.Spawned, "task"), place(p, k.site.At), k.left())
	var e evidence
	first := k.live[0]
	e.add(first.Task.SpawnedNS, k.site.At, "the oldest that is left, %s, was spawned here%s", taskName(first.Task), spawnedBy(first.Task, theTask))
	e.add(-1, nil, "live tasks that were spawned there, over time: %s", k.series())
	if first.At != nil {
		e.add(k.timeNS, first.At, "at the end %d of them were live, waiting here", len(k.live))
	}
	f.Evidence = e
	f.Fix = leakFix(p, k)
	return f
}

// left says how many of the spawned tasks had not ended.
func (k *leak) left() string {
	if n := len(k.live); n < k.counts.Spawned {
		return fmt.Sprintf("%d of them were still live", n)
	}
	return "all of them were still live"
}

// spawnedBy names who spawned a task, "" if nobody is known to. name is how tasks of its runtime are called.
func spawnedBy(t *analyze.Task, name func(*analyze.Task) string) string {
	if t.Parent == nil {
		return ""
	}
	text := " by " + name(t.Parent)
	if t.Parent.EndedNS != 0 {
		text += ", which has ended"
	}
	return text
}

func coroName(s *analyze.Site) string {
	if s.Coro == "" {
		return "one place"
	}
	return s.Coro + "()"
}

// series returns a few points of the growth: "15 after 1.2 s, 30 after 2.4 s".
func (k *leak) series() string {
	g := k.counts.Growth
	var words []string
	const shown = 4
	for i := 1; i <= shown; i++ {
		point := g[len(g)*i/shown-1]
		words = append(words, fmt.Sprintf("%d after %s", point.Live, duration(point.TimeNS)))
	}
	return strings.Join(words, ", ")
}

func leakFix(p *analyze.Process, k *leak) analyze.Fix {
	coro := spawned(k.site)
	if k.live[0].On.Kind == "sleep" || !since(p, 11) {
		return analyze.Fix{Summary: "let whoever spawns the task end it, at the latest when its own work ends", Code: lines("task = asyncio.create_task("+coro+")", "try:", "    ...", "finally:", "    task.cancel()")}
	}
	return analyze.Fix{Summary: "limit how long the task may wait, or cancel it when what spawned it ends", Code: lines("async with asyncio.timeout(30):", "    "+awaitText(k.live[0].At), "", "# or, around the work that "+coro+" belongs to:", "async with asyncio.TaskGroup() as group:", "    group.create_task("+coro+")")}
}

func awaitText(at *analyze.Frame) string {
	if at == nil || !balanced(at.Text) || strings.HasSuffix(at.Text, ":") {
		return "..."
	}
	return at.Text
}

// reportRetained reports done tasks that piled up over the run.
func reportRetained(run *analyze.Run, p *analyze.Process, r *analyze.Retained, report func(analyze.Finding)) {
	var counts analyze.SiteCount
	for _, c := range run.Folded {
		if c.Site == r.Site {
			counts = c
		}
	}
	// Those that ran until asyncio.run() cut them short piled up as live ones, which is another finding.
	if r.Count-cutShort(p, r.Site) < retainedMin {
		return
	}
	if counts.Batches < leakBatches || r.Count*2 < counts.Spawned || r.Site.At == nil || r.Site.Via != "" {
		return
	}
	f := analyze.Finding{Severity: analyze.Note, Cause: causeDoneRetained, At: r.Site.At, Process: p, Tasks: r.Tasks[:min(len(r.Tasks), namesShown)]}
	f.Message = fmt.Sprintf("%d tasks of %s that are done were still kept at the end, of %d that were spawned at %s", r.Count, coroName(r.Site), counts.Spawned, place(p, r.Site.At))
	var e evidence
	e.add(p.Exit.TimeNS, r.Site.At, "tasks that were spawned here are done, and something still refers to them")
	f.Evidence = e
	f.Fix = analyze.Fix{Summary: "drop a task when it is done", Code: lines("tasks.add(task)", "task.add_done_callback(tasks.discard)")}
	report(f)
}

// cutShort counts the tasks of a place that asyncio.run() cancelled at its end.
func cutShort(p *analyze.Process, site *analyze.Site) int {
	n := 0
	for _, l := range p.Loops {
		for _, s := range l.Shutdowns {
			for _, x := range s.Live {
				if sameSite(x.Task.Site, site) {
					n++
				}
			}
		}
	}
	return n
}

// leakOnly holds for a close that dropped nothing but what had leaked, and for other words about it.
func leakOnly(root, symptom *analyze.Finding) bool {
	return root.Cause == "" && sameTasks(root, symptom)
}
