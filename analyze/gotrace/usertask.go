package gotrace

import (
	"maps"
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// userTask is one of runtime/trace that has not ended.
type userTask struct {
	id     trace.TaskID
	task   tracefile.TaskID // 0: not told of yet
	loop   tracefile.LoopID
	parent tracefile.TaskID
	name   string
	at     tracefile.StackID
	runner trace.GoID // in whose region it is
}

// userTasks are those that have not ended.
type userTasks struct {
	live   map[trace.TaskID]*userTask
	loops  map[string]*ownLoop // of a recorder, by its number for them
	last   tracefile.LoopID
	opened bool // the loop of user tasks that no recorder made
}

func (u *userTasks) init() {
	u.live = map[trace.TaskID]*userTask{}
	u.loops = map[string]*ownLoop{}
	u.last = firstOwnLoop - 1
}

// maxUserTasks bounds those that never end.
const maxUserTasks = 1 << 20

// userTaskBegun takes in a new user task. It is told of when its goroutine goes on: a log right after the begin says that it
// mirrors the task of a recorder.
func (c *converter) userTaskBegun(ev *trace.Event, g *goroutine, stack tracefile.StackID) {
	t := ev.Task()
	if len(c.users.live) >= maxUserTasks {
		return
	}
	u := &userTask{id: t.ID, name: t.Type, at: stack, runner: trace.NoGoroutine}
	if parent := c.users.live[t.Parent]; parent != nil {
		c.tellUserTask(parent)
		u.parent = parent.task
	} else if g != nil {
		u.parent = g.task
	}
	c.users.live[t.ID] = u
	if g == nil {
		c.tellUserTask(u)
		return
	}
	g.user = u
}

// settleUserTask tells of the user task that a goroutine began before ev, unless ev leaves open what the task is.
func (c *converter) settleUserTask(g *goroutine, ev *trace.Event) {
	u := g.user
	switch ev.Kind() {
	case trace.EventLog:
		l := ev.Log()
		if l.Task != u.id {
			return
		}
		g.user = nil
		if c.bind(u, &l) {
			return
		}
	case trace.EventStateTransition:
		tr := ev.StateTransition()
		if tr.Resource.Kind != trace.ResourceGoroutine {
			return
		}
		if from, to := tr.Goroutine(); from != trace.GoNotExist && to != trace.GoWaiting && to != trace.GoNotExist {
			return // it is preempted, or wakes another one
		}
	case trace.EventTaskBegin, trace.EventTaskEnd, trace.EventRegionBegin, trace.EventRegionEnd:
	default:
		return
	}
	g.user = nil
	c.tellUserTask(u)
}

// tellUserTask emits the birth of a user task, if that was not done yet.
func (c *converter) tellUserTask(u *userTask) {
	if u.task != 0 || u.mirrored() {
		return
	}
	if u.loop == 0 {
		u.loop = loopUserTasks
		if !c.users.opened {
			c.users.opened = true
			c.emit(tracefile.Event{Kind: tracefile.LoopOpened, Loop: loopUserTasks, Attrs: tracefile.Attrs{{Key: "class", Value: "user tasks"}}})
		}
	}
	u.task = c.newTask()
	c.emit(tracefile.Event{
		Kind: tracefile.TaskSpawned, Task: u.task, Loop: u.loop, Name: u.name, Number: uint64(u.parent),
		Site: c.stacks.siteNamed(c.stacks.outside(u.at), u.name),
	})
}

func (c *converter) userTaskEnded(id trace.TaskID) {
	if u := c.users.live[id]; u != nil {
		c.tellUserTask(u)
		c.endUserTask(u, tracefile.OutcomeReturned)
	}
}

func (c *converter) endUserTask(u *userTask, outcome uint64) {
	delete(c.users.live, u.id)
	if u.task != 0 { // a task that the records tell of has none
		c.emit(tracefile.Event{Kind: tracefile.TaskEnded, Task: u.task, Number: outcome})
	}
}

// region takes in that a goroutine begins or ends a region of a user task: it works on it.
func (c *converter) region(ev *trace.Event, g *goroutine) {
	u := c.users.live[ev.Region().Task]
	switch {
	case u == nil || g == nil:
	case ev.Kind() == trace.EventRegionBegin:
		u.runner = g.id
	case u.runner == g.id:
		u.runner = trace.NoGoroutine
	}
}

// userTasksOf returns the user tasks of a loop that are live, by their ids; of all loops for 0.
func (c *converter) userTasksOf(loop tracefile.LoopID) []*userTask {
	var list []*userTask
	for _, id := range slices.Sorted(maps.Keys(c.users.live)) {
		u := c.users.live[id]
		if u.task != 0 && (loop == 0 || u.loop == loop) {
			list = append(list, u)
		}
	}
	return list
}

// userChain says where a user task is: where the goroutine that works on it is. Of one that none works on the place is not known.
func (c *converter) userChain(u *userTask) (tracefile.ChainID, *goroutine) {
	if u.runner == trace.NoGoroutine { // it waits, or was never begun: a trace does not tell the two apart
		return c.stacks.chainOf(0, "suspended", ""), nil
	}
	g := c.gs.get(u.runner)
	if g == nil {
		return 0, nil
	}
	return g.chain(c.stacks), g
}

// listUserTasks lists the user tasks of a loop that are live now, of all loops for 0.
func (c *converter) listUserTasks(loop tracefile.LoopID) {
	for _, u := range c.userTasksOf(loop) {
		e := tracefile.Event{Kind: tracefile.LiveTask, Task: u.task, Loop: u.loop}
		chain, g := c.userChain(u)
		if e.Chain = chain; g != nil {
			e.Attrs = g.attrs()
		}
		c.emit(e)
	}
}

// finishUserTasks tells at the end of the trace where the user tasks are that did not end.
func (c *converter) finishUserTasks() {
	for _, id := range slices.Sorted(maps.Keys(c.users.live)) {
		u := c.users.live[id]
		if u.mirrored() {
			continue
		}
		c.tellUserTask(u)
		if chain, _ := c.userChain(u); chain != 0 {
			c.emit(tracefile.Event{Kind: tracefile.TaskWaiting, Task: u.task, Chain: chain})
		}
	}
}
