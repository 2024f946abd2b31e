package term

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// chainShown bounds the sentences of a chain.
const chainShown = 20

// Why tells in sentences what a task waits for, what that waits for, and so on to the cause.
func Why(w io.Writer, res *analyze.Result, t *analyze.Task, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.About(res.Run, t.Process)
	c := &chainTeller{printer: p, run: res.Run, last: tasklist.LastLive(res.Run), met: map[*analyze.Task]int{}}
	c.broken()
	c.head(t)
	c.follow(t)
	p.storyFindings(t, res)
	return p.err
}

// chainTeller follows a chain of waits.
type chainTeller struct {
	*printer
	run   *analyze.Run
	last  map[*analyze.Task]*analyze.Live
	links map[*analyze.Task]*analyze.Wait // of circles that were broken, for tasks that were not live at any later moment
	met   map[*analyze.Task]int
}

func (c *chainTeller) broken() {
	c.links = map[*analyze.Task]*analyze.Wait{}
	for _, process := range c.run.Processes {
		for _, d := range process.Deadlocks {
			for _, w := range d.Links {
				if l := c.last[w.Task]; l == nil || l.Wait == nil {
					c.links[w.Task] = w
				}
			}
		}
	}
}

// head says which moment is told of.
func (c *chainTeller) head(t *analyze.Task) {
	lead := c.Numbered(t)
	text := ""
	switch {
	case c.links[t] != nil:
		text = "as it was while it was stuck; later it " + c.end(t)
	case c.last[t] == nil:
		text = "not live when a loop was closed or the process ended; it " + c.end(t)
	default:
		text = "as it was " + c.moment(t)
	}
	c.paragraph(lead+": ", bold, text, plainText, 4)
	c.linef("")
}

// end says how a task ended.
func (c *chainTeller) end(t *analyze.Task) string {
	switch wording.OutcomeWord(t) {
	case "pending":
		return "was never seen to end"
	case "cancelled", "collected":
		return "was " + wording.OutcomeWord(t)
	}
	return c.Outcome(t)
}

// moment says when the last live entry of a task is of.
func (c *chainTeller) moment(t *analyze.Task) string {
	l := c.last[t]
	for _, cl := range c.run.Closes {
		if slices.Contains(cl.Live, l) {
			return wording.CloseMoment(cl).Words + byPlace(c.printer, cl.At) + ", " + wording.Instant(cl.TimeNS)
		}
	}
	for _, loop := range c.run.Loops {
		for _, s := range loop.Shutdowns {
			if slices.Contains(s.Live, l) {
				return "when the end of the run began to cancel what was left, " + wording.Instant(s.BeginNS)
			}
		}
	}
	if t.Process != nil && !t.Process.Exit.LiveExact && !t.Process.Go() {
		return "when it was last seen, " + wording.Instant(l.AsOfNS)
	}
	return wording.EndWords(t.Process) + ", " + wording.Instant(l.AsOfNS)
}

// follow tells the chain of waits that begins with a task.
func (c *chainTeller) follow(t *analyze.Task) {
	for n := 0; t != nil; n++ {
		if n == chainShown {
			c.tell("And so on: the chain is longer.")
			return
		}
		if at, ok := c.met[t]; ok {
			c.tell(c.closed(t, n-at))
			return
		}
		c.met[t] = n
		t = c.link(t, n == 0)
	}
}

func (c *chainTeller) tell(text string) { c.paragraph("  ", plainText, text, plainText, 4) }

func (c *chainTeller) closed(t *analyze.Task, length int) string {
	switch {
	case c.links[t] != nil:
		return fmt.Sprintf("That is %s again: the circle was closed, until one of these tasks was cancelled.", c.who(t))
	case length == 1:
		return "That is the task itself: it can never go on."
	}
	return fmt.Sprintf("That is %s again: the circle is closed, and none of these %d tasks can ever go on.", c.who(t), length)
}

func (c *chainTeller) who(t *analyze.Task) string { return c.Numbered(t) }

// link tells what one task waits for and returns the task that it is to blame on, nil if the chain ends here.
func (c *chainTeller) link(t *analyze.Task, first bool) *analyze.Task {
	who := "It"
	if !first {
		who = wording.Capital(c.who(t))
	}
	l, w := c.last[t], c.links[t]
	if w == nil && l != nil {
		w = l.Wait
	}
	switch {
	case w != nil:
		return c.linkIn(who, w)
	case l == nil:
		c.tell(who + " " + c.end(t) + ", so nothing holds it up.")
	case l.State != "suspended":
		c.tell(who + " is " + c.WaitSince(l, wording.Moment{}) + ".")
	default:
		c.tell(who + " waits " + c.WaitSince(l, wording.Moment{}) + "." + outside(l.On.Kind))
		c.wakers(t, l)
		return l.On.Task
	}
	return nil
}

// outside says who can end a wait that ends a chain.
func outside(kind string) string {
	switch kind {
	case "sleep":
		return " A timer goes off by itself: the task is not stuck."
	case "executor":
		return " The job runs in a thread: the chain leaves the loop here."
	case "io", "subprocess":
		return " The chain leaves the program here."
	case "future":
		return " Whoever has the future can end that; who that would be is not known."
	case "chan-receive", "chan-send", "select":
		return " A Go trace does not tell which channel that is, nor who else has it."
	case "mutex", "rwmutex", "semaphore", "once":
		return " A Go trace does not tell who holds it."
	case "coroutine":
		return " An iterator and who takes its values take turns; stop() ends it."
	case "waitgroup":
		return " A Go trace does not tell whose Done() is missing."
	case "cond":
		return " A Go trace does not tell who is to call Signal() or Broadcast()."
	case "syscall":
		return " The chain leaves the program here."
	case "forever":
		return " Nothing can end that."
	}
	return ""
}

// wakers tells who made a goroutine go on before, and who waits at the same line: what it waits for itself no trace tells.
func (c *chainTeller) wakers(t *analyze.Task, l *analyze.Live) {
	if !t.Goroutine() {
		return
	}
	if w := t.LastWake; w != nil && w.By != nil {
		c.tell(fmt.Sprintf("The last to wake it was %s, at %s.", c.who(w.By), wording.Instant(w.TimeNS)))
	}
	if l.At == nil {
		return
	}
	n := 0
	for other, at := range c.last {
		if other != t && other.Process == t.Process && at.State == "suspended" && at.At != nil && at.At.File == l.At.File && at.At.Line == l.At.Line {
			n++
		}
	}
	if n > 0 {
		c.tell(wording.Capital(wording.Count(n, "other goroutine")) + wording.Verb(n, " waits", " wait") + " at the same line.")
	}
}

func (c *chainTeller) linkIn(who string, w *analyze.Wait) *analyze.Task {
	c.tell(who + " has waited since " + wording.Instant(w.SinceNS) + " for " + strings.TrimSuffix(c.Waited(w), ",") + "." + c.known(w))
	if w.At != nil {
		c.paragraph("      ", faint, "at "+c.WithSource(w.At), plainText, 8)
	}
	if len(w.Targets) == 0 {
		return nil
	}
	return c.culprit(w)
}

// culprit picks the task of several that has been stuck for longest; one that was met closes the circle.
func (c *chainTeller) culprit(w *analyze.Wait) *analyze.Task {
	best := slices.MinFunc(w.Targets, func(a, b *analyze.Task) int { return cmp.Compare(c.rank(a), c.rank(b)) })
	if len(w.Targets) > 1 {
		c.tell(fmt.Sprintf("Of these %d tasks, %s has waited for longest.", len(w.Targets), c.who(best)))
	}
	return best
}

func (c *chainTeller) rank(t *analyze.Task) int64 {
	if w := c.links[t]; w != nil {
		return w.SinceNS
	}
	if l := c.last[t]; l != nil && l.Wait != nil && len(l.Wait.Targets) > 0 {
		return l.Wait.SinceNS
	}
	return int64(^uint64(0) >> 1)
}

// known tells what is known of a wait that anybody could end.
func (c *chainTeller) known(w *analyze.Wait) string {
	text := ""
	switch {
	case w.Kind == "queue" && w.Op == "get":
		text = " No item has come for it since; " + c.others(w.Getters, "get()") + c.noPutter(w)
	case w.Kind == "queue" && w.Op == "put":
		text = " No room has come for it since; " + c.others(w.Putters, "put()")
	case w.Kind == "queue":
		text = " Somebody has to call task_done() for each."
	case w.Kind == "event":
		text = " Nobody has set it since; " + c.others(w.Waiters, "wait()")
	case w.Kind == "condition":
		text = " It was not notified since; " + c.others(w.Waiters, "wait()")
	case w.Held && len(w.Targets) == 0 && !w.HolderEnded:
		text = " Whoever releases it can end that."
	}
	if w.Timed {
		text += " A timeout will end the wait."
	}
	return text
}

func (c *chainTeller) others(n int, call string) string {
	if n <= 1 {
		return "no other task waits in its " + call + "."
	}
	return fmt.Sprintf("%s in its %s.", wording.Count(n-1, "other task")+wording.Verb(n-1, " waits", " wait"), call)
}

func (c *chainTeller) noPutter(w *analyze.Wait) string {
	if w.Unfinished > 0 {
		return fmt.Sprintf(" %s of what was taken %s not reported as done.", wording.Count(w.Unfinished, "item"), wording.Verb(w.Unfinished, "is", "are"))
	}
	return ""
}
