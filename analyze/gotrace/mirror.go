package gotrace

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// ownCategory is that of the logs in which looptrace's recorder tells a trace of its loops and tasks, and looptrace run of
// tests.
const ownCategory = "looptrace"

// noLoop is the loop of a user task of which the records tell.
const noLoop = ^tracefile.LoopID(0)

// ownLoop is a loop of a recorder.
type ownLoop struct {
	id      tracefile.LoopID
	runs    int
	closing bool
}

// mirrored reports whether the records tell of the task.
func (u *userTask) mirrored() bool { return u.loop == noLoop }

// ownMessage returns what follows a prefix in a log of looptrace's own; "" if the event is none.
func ownMessage(ev *trace.Event, prefix string) string {
	if ev.Kind() != trace.EventLog {
		return ""
	}
	l := ev.Log()
	if l.Category != ownCategory {
		return ""
	}
	rest, ok := strings.CutPrefix(l.Message, prefix)
	if !ok {
		return ""
	}
	return rest
}

// bind takes in the message "task ID loop ID", which follows the begin of a user task that mirrors a recorder's.
func (c *converter) bind(u *userTask, l *trace.Log) bool {
	words := strings.Fields(l.Message)
	if l.Category != ownCategory || len(words) != 4 || words[0] != "task" || words[2] != "loop" {
		return false
	}
	if c.attached {
		u.loop = noLoop
		return true
	}
	u.loop = c.ownLoop(words[3]).id
	c.tellUserTask(u)
	return true
}

// ownLoop returns the loop of a recorder with a number. One whose opening is not in the trace was opened before it.
func (c *converter) ownLoop(number string) *ownLoop {
	if l := c.users.loops[number]; l != nil {
		return l
	}
	l := c.newOwnLoop(number)
	c.emit(tracefile.Event{Kind: tracefile.LoopOpened, Loop: l.id})
	return l
}

// maxOwnLoops bounds the loops that a damaged or hostile trace can make.
const maxOwnLoops = 1 << 16

func (c *converter) newOwnLoop(number string) *ownLoop {
	if len(c.users.loops) >= maxOwnLoops {
		clear(c.users.loops)
	}
	c.users.last++
	l := &ownLoop{id: c.users.last}
	c.users.loops[strings.Clone(number)] = l
	return l
}

// logged takes in a log. Those of the program are values and are passed over.
func (c *converter) logged(ev *trace.Event, g *goroutine, stack tracefile.StackID) {
	l := ev.Log()
	if l.Category != ownCategory {
		return
	}
	what, rest, _ := strings.Cut(l.Message, " ")
	switch what {
	case "test":
		if g != nil && rest != "" {
			c.namedTest(g, strings.Clone(rest))
		}
	case "task":
		if words := strings.Fields(rest); len(words) == 3 && words[1] == "done" {
			c.taskDone(l.Task, words[2])
		}
	case "loop":
		if number, does, ok := strings.Cut(rest, " "); ok && !c.attached {
			c.loopDoes(number, does, g, c.stacks.outside(stack))
		}
	}
}

func (c *converter) taskDone(id trace.TaskID, how string) {
	u := c.users.live[id]
	if u == nil {
		return
	}
	outcome := uint64(tracefile.OutcomeReturned)
	switch how {
	case "raised":
		outcome = tracefile.OutcomeRaised
	case "cancelled":
		outcome = tracefile.OutcomeCancelled
	}
	c.endUserTask(u, outcome)
}

// runThread is the number of the thread that stands for the run of a loop: loops of Go run side by side on any thread.
const runThread = 1 << 21

// loopDoes takes in what a recorder says of one of its loops.
func (c *converter) loopDoes(number, does string, g *goroutine, stack tracefile.StackID) {
	verb, name, _ := strings.Cut(does, " ")
	if verb == "open" {
		l := c.newOwnLoop(number)
		c.emit(tracefile.Event{
			Kind: tracefile.LoopOpened, Loop: l.id, Stack: stack, Attrs: tracefile.Attrs{{Key: "class", Value: strings.Clone(name)}},
		})
		return
	}
	l := c.ownLoop(number)
	run := tracefile.ThreadID(runThread + l.id)
	switch verb {
	case "run":
		l.runs++
		c.emit(tracefile.Event{Kind: tracefile.RunBegun, Loop: l.id, Thread: run, Stack: stack, Attrs: tracefile.Attrs{{Key: "api", Value: "Run"}}})
	case "stop":
		if l.runs > 0 {
			l.runs--
			c.emit(tracefile.Event{Kind: tracefile.RunEnded, Loop: l.id, Thread: run, Attrs: tracefile.Attrs{{Key: "api", Value: "Run"}}})
		}
	case "close":
		c.loopCloses(l, g, stack)
	case "closed":
		if l.closing {
			l.closing = false
			c.emit(tracefile.Event{Kind: tracefile.CloseEnded, Loop: l.id, Attrs: tracefile.Attrs{{Key: "outcome", Value: "closed"}}})
		}
	}
}

// loopCloses lists what is live as a recorder's loop is closed.
func (c *converter) loopCloses(l *ownLoop, g *goroutine, stack tracefile.StackID) {
	l.closing = true
	e := tracefile.Event{Kind: tracefile.CloseBegun, Loop: l.id, Stack: stack}
	if g != nil {
		e.Task = g.task
		if g.open {
			e.Thread = g.thread
		}
	}
	c.emit(e)
	c.listUserTasks(l.id)
}
