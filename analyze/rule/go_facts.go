package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// patienceNS is how long a goroutine gets to end by itself before its wait counts, whatever it waits for: goleak gives
// goroutines about as long.
const patienceNS = int64(100 * time.Millisecond)

// UserTasks is the class of the loop of user tasks (runtime/trace.NewTask), which nobody closes.
const userTasks = "user tasks"

// recorded reports whether a loop of a Go program is one that it told of itself, with the package recorder.
func recorded(l *analyze.Loop) bool {
	return l != nil && l.Process.Go() && l.Class != analyze.Goroutines && l.Class != userTasks
}

// needsOther reports whether a goroutine that waits for that can be woken by another goroutine of the program only, timers
// excepted.
func needsOther(kind string) bool {
	switch kind {
	case "chan-receive", "chan-send", "select", "mutex", "rwmutex", "waitgroup", "cond", "once", "semaphore", "sync", "forever", "coroutine":
		return true
	}
	return false
}

// waiting reports whether a goroutine or task was blocked, and nobody had woken it.
func waiting(l *analyze.Live) bool {
	if l.State != "suspended" || l.On.Kind == "none" || l.On.Kind == "" || l.On.Kind == "gc" {
		return false
	}
	w := l.Task.LastWake
	return w == nil || l.SinceNS != 0 && w.TimeNS < l.SinceNS
}

// blockedByOthers is waiting for what only another goroutine can end.
func blockedByOthers(l *analyze.Live) bool { return waiting(l) && needsOther(l.On.Kind) }

var timerText = regexp.MustCompile(`(?i:time\.(after|tick)|timer|ticker|timeout|deadline)|\.C\b`)

// mayTime reports whether the line where a goroutine waits shows a timer, which would wake it without anybody's help.
func mayTime(l *analyze.Live) bool {
	return (l.On.Kind == "chan-receive" || l.On.Kind == "select") && timerText.MatchString(textOf(l.At))
}

// goroutinesOf returns the goroutines of the program among what was live, main's and known ones excepted.
func goroutinesOf(live []*analyze.Live) []*analyze.Live {
	return keep(live, func(l *analyze.Live) bool {
		return l.Task != nil && l.Task.Goroutine() && l.Task.Known == "" && !l.Task.MainGoroutine()
	})
}

// maxParents bounds how far up the line of parents is looked.
const maxParents = 16

// madeAt returns the line of the program that had a goroutine made: that of its go statement or, where a library made it on
// goroutines of its own, that of the nearest ancestor that has one. by is that ancestor; nil if it is the goroutine itself.
func madeAt(t *analyze.Task) (at *analyze.Frame, by *analyze.Task) {
	for n, a := 0, t; a != nil && n < maxParents; n, a = n+1, a.Parent {
		if a.Site != nil && a.Site.At != nil && a.Site.Coro != "testing.tRunner" {
			if a == t {
				return a.Site.At, nil
			}
			return a.Site.At, a
		}
	}
	return nil, nil
}

// goCrowd is the live goroutines of one place: made at one line, with one start function, by one test.
type goCrowd struct {
	p    *analyze.Process
	test *analyze.Test
	at   *analyze.Frame // that had them made; nil if it is not known
	live []*analyze.Live
}

// goCrowds groups goroutines by where they were made, in the order in which they are met.
func goCrowds(live []*analyze.Live, testOf func(*analyze.Task) *analyze.Test) []*goCrowd {
	type key struct {
		test  *analyze.Test
		at    analyze.Frame
		start string
	}
	var out []*goCrowd
	known := map[key]*goCrowd{}
	for _, l := range live {
		at, _ := madeAt(l.Task)
		k := key{test: testOf(l.Task), start: workOf(l)}
		if at != nil {
			k.at = *at
		}
		c := known[k]
		if c == nil {
			c = &goCrowd{p: l.Task.Process, test: k.test, at: at}
			known[k] = c
			out = append(out, c)
		}
		c.live = append(c.live, l)
	}
	return out
}

func noTest(*analyze.Task) *analyze.Test { return nil }

// startOf returns the full name of the function that a goroutine starts with.
func startOf(t *analyze.Task) string {
	if t.Site == nil {
		return ""
	}
	return t.Site.Coro
}

// workOf returns the full name of the function that tells goroutines apart: the one that it starts with; where that is of a
// library, as that of sync.WaitGroup.Go, the first one of the program that it runs.
func workOf(l *analyze.Live) string {
	if s := l.Task.Site; s == nil || s.Def.User {
		return startOf(l.Task)
	}
	for i := range l.Awaiting {
		if l.Awaiting[i].User {
			return l.Awaiting[i].Qualname
		}
	}
	return startOf(l.Task)
}

// shortFunction returns the name of a function without the directories of its import path. A dot in the last of these is %2e in
// a symbol.
func shortFunction(full string) string {
	name := full
	if i := strings.IndexAny(full, "[("); i >= 0 { // receivers and type arguments may have paths of their own
		name = full[:i]
	}
	return strings.ReplaceAll(full[strings.LastIndexByte(name, '/')+1:], "%2e", ".")
}

// who names the goroutines: "goroutine 19 (app.(*Pool).work)", "3 goroutines of app.(*Pool).work".
func (c *goCrowd) who() string {
	start := shortFunction(workOf(c.live[0]))
	if len(c.live) == 1 {
		name := goTask(c.live[0].Task)
		if start != "" && c.live[0].Task.Goroutine() {
			name += " (" + start + ")"
		}
		return name
	}
	of := ""
	if start != "" {
		of = " of " + start
	}
	return count(len(c.live), nounOf(c.live[0].Task)) + of
}

func nounOf(t *analyze.Task) string {
	if t.Goroutine() {
		return "goroutine"
	}
	return "task"
}

// goTask names one: "goroutine 17", "task poll".
func goTask(t *analyze.Task) string {
	name := taskName(t)
	if strings.HasPrefix(name, nounOf(t)+" ") {
		return name
	}
	return nounOf(t) + " " + name
}

// goTasks returns "goroutine 17", "2 tasks (poll and flush)".
func goTasks(tasks []*analyze.Task) string {
	if len(tasks) == 1 {
		return goTask(tasks[0])
	}
	return count(len(tasks), nounOf(tasks[0])) + " (" + taskNames(tasks) + ")"
}

// main returns the wait that most of them are in, the first of equals.
func (c *goCrowd) main() *analyze.Live {
	type wait struct {
		kind string
		at   string
	}
	n := map[wait]int{}
	var best *analyze.Live
	most := 0
	for _, l := range c.live {
		w := wait{l.On.Kind, place(nil, l.At)}
		n[w]++
	}
	for _, l := range c.live {
		if w := (wait{l.On.Kind, place(nil, l.At)}); n[w] > most {
			best, most = l, n[w]
		}
	}
	return best
}

// waitWords says what a goroutine waits for in the words of Go's own stack dumps.
func waitWords(kind string) string {
	words := map[string]string{
		"chan-receive": "blocked on chan receive", "chan-send": "blocked on chan send", "select": "blocked in select", "sleep": "asleep",
		"mutex": "blocked on sync.Mutex.Lock", "rwmutex": "blocked on sync.RWMutex", "waitgroup": "blocked in sync.WaitGroup.Wait",
		"cond": "blocked in sync.Cond.Wait", "once": "blocked in sync.Once.Do", "semaphore": "blocked on a semaphore", "sync": "blocked on package sync",
		"io": "blocked on I/O", "syscall": "in a system call", "forever": "blocked for ever",
		"coroutine": "waiting for the other side of an iterator",
	}
	if w := words[kind]; w != "" {
		return w
	}
	if kind == "" || kind == "none" {
		return "waiting" // for what was not seen
	}
	return "waiting for " + kind
}

// atWork reports whether a goroutine that does not run was not seen to wait for anything either: it gave way to others.
func atWork(l *analyze.Live) bool {
	return l.Task.Goroutine() && l.At != nil && (l.On.Kind == "" || l.On.Kind == "none")
}

// doing says where a goroutine is: "blocked on chan receive at pool.go:20".
func doing(p *analyze.Process, l *analyze.Live) string {
	switch l.State {
	case "running":
		return "running"
	case "runnable", "not-started":
		return "ready to run"
	}
	text := waitWords(l.On.Kind)
	if atWork(l) {
		text = "last seen"
	}
	if l.At != nil {
		text += " at " + place(p, l.At)
	}
	return text
}

// took writes a duration: "30 us", "3.2 ms", "12 ms", "1.2 s".
func took(ns int64) string {
	switch {
	case ns < int64(time.Microsecond):
		return "less than 1 us"
	case ns < int64(time.Millisecond):
		return fmt.Sprintf("%d us", ns/1000)
	case ns < int64(10*time.Millisecond):
		return fmt.Sprintf("%.1f ms", float64(ns)/1e6)
	}
	return duration(ns)
}

// waited says for how long a goroutine had waited at a moment: " for 1.2 s"; "" if that is not known.
func waited(l *analyze.Live, now int64) string {
	switch ns := now - l.SinceNS; {
	case l.SinceNS == 0 || ns < 0:
		return ""
	case l.SinceLeast:
		return " for " + took(ns) + " or longer"
	default:
		return " for " + took(ns)
	}
}

// addMade tells where goroutines were made, and on whose behalf.
func (e *evidence) addMade(c *goCrowd) {
	first := c.live[0].Task
	at, by := madeAt(first)
	text := "made here"
	if len(c.live) > 1 {
		text = "all of them were made here"
	}
	switch {
	case at == nil:
		return
	case by != nil:
		text = "they come from " + goTask(by) + ", which was made here: a library made them on goroutines of its own"
		if len(c.live) == 1 {
			text = "it comes from " + goTask(by) + ", which was made here: a library made it on a goroutine of its own"
		}
	case slices.ContainsFunc(c.live, func(l *analyze.Live) bool { return l.Task.Parent != first.Parent }):
		text += " by several goroutines"
	case first.Parent != nil:
		text += " by " + goTask(first.Parent)
		if first.Parent.EndedNS != 0 {
			text += ", which has ended"
		}
	}
	e.add(first.SpawnedNS, at, "%s", text)
}

// addWaits tells where they wait, one piece of evidence for each line.
func (e *evidence) addWaits(c *goCrowd, now int64) {
	type line struct{ kind, at string }
	seen := map[line]int{}
	var order []line
	first := map[line]*analyze.Live{}
	for _, l := range c.live {
		k := line{l.On.Kind, place(nil, l.At)}
		if seen[k] == 0 {
			order, first[k] = append(order, k), l
		}
		seen[k]++
	}
	for i, k := range order {
		if i == namesShown {
			e.add(-1, nil, "the others at %s", count(len(order)-i, "other line"))
			return
		}
		l := first[k]
		text := waitWords(k.kind) + " here" + waited(l, now)
		if l.State == "running" || l.State == "runnable" {
			text = l.State + " when the trace ends"
		} else if atWork(l) {
			text = "last seen here"
		}
		switch n := seen[k]; {
		case n > 1 && n == len(c.live):
			text = "all of them " + text
		case n > 1:
			text = fmt.Sprintf("%d of them %s", n, text)
		}
		e.add(max(l.SinceNS, -1), l.At, "%s", text)
	}
}

// whyKnown lists how many goroutines are folded, by kind: "runtime 5, net/http idle connection 2".
func whyKnown(live []*analyze.Live) string {
	n := map[string]int{}
	for _, l := range live {
		if l.Task.Known != "" && l.Task.Known != "runtime" && l.Task.Known != "testing" {
			n[l.Task.Known]++
		}
	}
	var kinds []string
	for k := range n {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	for i, k := range kinds {
		kinds[i] = fmt.Sprintf("%s %d", k, n[k])
	}
	return strings.Join(kinds, ", ")
}
