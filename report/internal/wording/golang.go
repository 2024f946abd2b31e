package wording

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// UserTasks is the class of the loop that stands for the user tasks of package runtime/trace.
const UserTasks = "user tasks"

// Scheduler reports whether a loop is none that the program opened: it stands for Go's scheduler, or for its user tasks.
func Scheduler(l *analyze.Loop) bool {
	return l != nil && l.Process.Go() && (l.Class == analyze.Goroutines || l.Class == UserTasks)
}

// CountTasks returns "3 tasks", "3 goroutines", or of both "2 tasks and 3 goroutines".
func CountTasks(tasks []*analyze.Task) string {
	n := 0
	for _, t := range tasks {
		if t.Goroutine() {
			n++
		}
	}
	return countBoth(len(tasks)-n, n)
}

// CountLive is CountTasks for what was live at a moment.
func CountLive(live []*analyze.Live) string {
	n := 0
	for _, l := range live {
		if l.Task.Goroutine() {
			n++
		}
	}
	return countBoth(len(live)-n, n)
}

func countBoth(tasks, goroutines int) string {
	switch {
	case goroutines == 0:
		return Count(tasks, "task")
	case tasks == 0:
		return Count(goroutines, "goroutine")
	}
	return Count(tasks, "task") + " and " + Count(goroutines, "goroutine")
}

// Noun is what the tasks of a run are called: "goroutine" where all of its processes are of Go programs of which no recorder
// tells, "task" otherwise.
func Noun(run *analyze.Run) string {
	for _, l := range run.Loops {
		if !l.Process.Go() || l.Class != analyze.Goroutines {
			return "task"
		}
	}
	for _, p := range run.Processes {
		if !p.Go() {
			return "task"
		}
	}
	if len(run.Loops) == 0 {
		return "task"
	}
	return "goroutine"
}

// NounOf is what a task is called.
func NounOf(t *analyze.Task) string {
	if t.Goroutine() {
		return "goroutine"
	}
	return "task"
}

// goroutineName reports whether a name is one that the reader of a trace gave: "goroutine 17". Nothing in it can be misread.
func goroutineName(name string) bool {
	number, ok := strings.CutPrefix(name, "goroutine ")
	if !ok || number == "" || len(number) > 20 {
		return false
	}
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return true
}

// ShortFunction returns the name of a Go function without the directories of its import path: "http.(*Server).Serve" for
// "net/http.(*Server).Serve".
func ShortFunction(full string) string {
	name := full
	if i := strings.IndexAny(full, "[("); i >= 0 { // type arguments and receivers have paths of their own
		name = full[:i]
	}
	return full[strings.LastIndexByte(name, '/')+1:]
}

// Function names what a task runs: "poll()", of a goroutine "app.(*Pool).work"; "" if that is not known.
func (p *Phraser) Function(t *analyze.Task) string {
	switch {
	case t.Site == nil || t.Site.Coro == "":
		return ""
	case t.Process.Go():
		return p.Name(ShortFunction(t.Site.Coro))
	}
	return p.Name(t.Site.Coro) + "()"
}

// Closed says what was closed by a close that was seen: "app.(*Pool).Close()"; "" for a close() of a loop.
func (p *Phraser) Closed(c *analyze.Close) string {
	if c.Outcome != "seen" {
		return ""
	}
	if c.Function == "" {
		return "a function that closes"
	}
	return p.Name(ShortFunction(c.Function)) + "()"
}

// Loop names a loop: "loop 1", of a Go program "loop 2 mailer" as that calls it, or "goroutines".
func (p *Phraser) Loop(l *analyze.Loop) string {
	switch {
	case Scheduler(l):
		return l.Class
	case l.Process.Go() && l.Class != "":
		return fmt.Sprintf("loop %d %s", l.ID, p.Name(l.Class))
	}
	return fmt.Sprintf("loop %d", l.ID)
}

// SinceText says for how long goroutines of a group have been suspended: "1.2 s", "1.2 s to 3.0 s", "at least 2 s"; "" if that
// is not known or they are none.
func SinceText(g Group, m Moment) string {
	least, most, open, n := int64(0), int64(0), false, 0
	for _, l := range g {
		if !l.Task.Goroutine() || l.State != "suspended" || l.SinceNS == 0 {
			continue
		}
		ns := max(max(l.AsOfNS, m.TimeNS)-l.SinceNS, 0)
		if n == 0 || ns < least {
			least = ns
		}
		most = max(most, ns)
		open = open || l.SinceLeast
		n++
	}
	switch {
	case n == 0 || n < len(g):
		return ""
	case open:
		return "at least " + Duration(least)
	case Duration(least) == Duration(most):
		return Duration(most)
	}
	return Duration(least) + " to " + Duration(most)
}

// goWaits are the words for what only goroutines wait for: those of Go's own stack dumps where they say enough.
func goWaits() map[string]string {
	return map[string]string{
		"chan-receive": "a chan receive", "chan-send": "a chan send", "select": "a select", "mutex": "a sync.Mutex",
		"rwmutex": "a sync.RWMutex", "waitgroup": "a sync.WaitGroup", "cond": "a sync.Cond", "once": "a sync.Once",
		"syscall": "a system call", "system": "work of the runtime", "forever": "nothing (forever)", "coroutine": "the other side of an iterator", "gc": "the garbage collector", "sync": "something of package sync",
	}
}

// Waited puts for how long before what WaitText says: "1.2 s for a chan receive at app.go:5".
func Waited(since, text string) string {
	if since == "" {
		return text
	}
	return since + " " + text
}

// pendingWord is what tasks of a process are that did not end.
func pendingWord(p *analyze.Process) string {
	if p.Go() {
		return "live"
	}
	return "pending"
}

// goroutineCount returns how many goroutines a run had, those that were only counted included.
func goroutineCount(run *analyze.Run) int {
	if Noun(run) == "goroutine" { // those of which it is not known where they began included
		return TaskCount(run)
	}
	total, kept := map[*analyze.Process]int{}, 0 // of the processes with goroutines: tasks that were spawned, but other ones
	for _, l := range run.Loops {
		if l.Process.Go() && l.Class == analyze.Goroutines {
			total[l.Process] = 0
		}
	}
	for _, s := range run.Folded {
		if _, ok := total[s.Process]; ok {
			total[s.Process] += s.Spawned
		}
	}
	for _, t := range run.Tasks {
		if t.Goroutine() {
			kept++
		} else if _, ok := total[t.Process]; ok {
			total[t.Process]--
		}
	}
	n := 0
	for _, all := range total {
		n += max(all, 0)
	}
	return min(max(n, kept), kept+TaskCount(run)-len(run.Tasks)) // of a place in two processes only one is told
}

// WaitSince is WaitText with for how long it has been so, of a goroutine.
func (p *Phraser) WaitSince(l *analyze.Live, m Moment) string {
	return Waited(SinceText(Group{l}, m), p.WaitText(l, m))
}

// CodeTitle is what the column is called that tells what tasks run.
func CodeTitle(run *analyze.Run) string {
	for _, p := range run.Processes {
		if !p.Go() {
			return "Coroutine"
		}
	}
	return "Function"
}
