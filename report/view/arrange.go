package view

import (
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/analyze"
)

// arrangement is which tasks are shown in which order.
type arrangement struct {
	by       column
	inverted bool
	filter   filter
}

// arranged is the answer to a request for an arrangement.
type arranged struct {
	arrangement
	request int64
	order   []int32 // of the column, for the cache
	list    []int32 // places of tasks in the order of the column, not inverted
	cursor  int     // where the task that was selected is in list; -1: it is not
}

// list is tasks in an order that can be read from both ends.
type list struct {
	places   []int32
	inverted bool
}

func (l list) len() int { return len(l.places) }

func (l list) at(i int) int32 {
	if l.inverted {
		return l.places[len(l.places)-1-i]
	}
	return l.places[i]
}

// arrange returns the command that computes an arrangement. newest is the number of the last request: when it is no longer
// this one's, the work is dropped.
func (x *index) arrange(a arrangement, selected *analyze.Task, request int64, newest *atomic.Int64) tea.Cmd {
	order := x.orders[a.by] // read here, for Update may write it while the command runs
	return func() tea.Msg {
		if newest.Load() != request {
			return nil
		}
		if order == nil {
			order = x.order(a.by)
		}
		out := arranged{arrangement: a, request: request, order: order, list: order, cursor: -1}
		if !a.filter.none() {
			out.list = x.pick(order, a.filter, func() bool { return newest.Load() != request })
		}
		if selected != nil {
			out.cursor = find(out.list, int32(x.place(selected)))
		}
		return out
	}
}

func find(list []int32, place int32) int {
	for i, p := range list {
		if p == place {
			return i
		}
	}
	return -1
}
