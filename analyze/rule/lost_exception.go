package rule

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// lostException is an exception that ended a task or future, or came out of a callback, and reached nobody.
type lostException struct {
	p         *analyze.Process
	timeNS    int64 // when that was told
	loop      *analyze.Loop
	task      *analyze.Task
	future    string
	exception string
	raised    []analyze.Frame
	at        *analyze.Frame
	set       *analyze.Frame // the only line that can have set the exception of a future
	atEnd     bool           // nobody had told by the end of the process
	handler   bool           // of a stream server: told by asyncio itself
}

// what names the thing whose exception was lost.
func (x *lostException) what() string {
	switch {
	case x.handler && x.task == nil:
		return "a handler of a stream server"
	case x.task != nil:
		return theTask(x.task)
	case x.future == "_GatheringFuture":
		return "an awaitable of a gather()"
	}
	return "a future"
}

// blamed returns the line to show, and whether it is one of the program's doing.
func (x *lostException) blamed() (*analyze.Frame, bool) {
	if x.at != nil {
		return x.at, true
	}
	if x.task != nil && x.task.Site != nil && x.task.Site.At != nil && x.task.Site.Via == "" {
		return x.task.Site.At, true
	}
	return x.set, x.set != nil
}

// leavesRun reports whether an exception of that type ends the run of the loop, and is so not lost.
func leavesRun(exception string) bool {
	return exception == systemExit || exception == keyboardInterrupt
}

// isMessage reports whether an exception handler was given one of these messages.
func isMessage(h *analyze.HandledException, beginnings ...string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(h.Message, b) {
			return true
		}
	}
	return false
}

// spawnedAt adds where a task was spawned to the evidence.
func (e *evidence) spawnedAt(t *analyze.Task) {
	if t != nil && t.Site != nil && t.Site.At != nil {
		e.add(t.SpawnedNS, t.Site.At, "%s was spawned here", taskName(t))
	}
}
