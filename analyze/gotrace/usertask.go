package gotrace

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// ownCategory is the category of the logs in which looptrace's recorder tells a trace of its loops and tasks.
const ownCategory = "looptrace"

// userTask is one of runtime/trace.
type userTask struct {
	task tracefile.TaskID
	loop tracefile.LoopID
}

// userTasks are those that have not ended.
type userTasks struct {
	live   map[trace.TaskID]*userTask
	opened bool // the loop that they are in
}

func (u *userTasks) init() { u.live = map[trace.TaskID]*userTask{} }

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

func (c *converter) settleUserTask(g *goroutine, ev *trace.Event) {}

func (c *converter) userTaskBegun(ev *trace.Event, g *goroutine, stack tracefile.StackID) {}

func (c *converter) userTaskEnded(ev *trace.Event) {}

func (c *converter) regionBegun(ev *trace.Event, stack tracefile.StackID) {}

func (c *converter) logged(ev *trace.Event, g *goroutine, stack tracefile.StackID) {}
