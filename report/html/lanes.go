package html

import (
	"container/heap"
	"slices"
)

// packLanes gives each task of one loop a row: the lowest one that is free when the task is spawned. A task that never ended
// keeps its row. The tasks come by the time of their birth; the number of rows is returned.
func packLanes(tasks []placed) int {
	busy, free := &busyLanes{}, &freeLanes{}
	rows := 0
	for i := range tasks {
		t := tasks[i].task
		for len(*busy) > 0 && (*busy)[0].endNS <= t.SpawnedNS {
			heap.Push(free, heap.Pop(busy).(busyLane).row)
		}
		at := uint32(rows)
		if len(*free) > 0 {
			at = heap.Pop(free).(uint32)
		} else {
			rows++
		}
		tasks[i].row = at
		if t.EndedNS != 0 {
			heap.Push(busy, busyLane{max(t.EndedNS, t.SpawnedNS+1), at})
		}
	}
	return rows
}

type busyLane struct {
	endNS int64
	row   uint32
}

type busyLanes []busyLane

func (l busyLanes) Len() int { return len(l) }
func (l busyLanes) Less(i, j int) bool {
	return l[i].endNS < l[j].endNS || l[i].endNS == l[j].endNS && l[i].row < l[j].row
}
func (l busyLanes) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l *busyLanes) Push(x any)   { *l = append(*l, x.(busyLane)) }
func (l *busyLanes) Pop() any     { return pop((*[]busyLane)(l)) }

type freeLanes []uint32

func (l freeLanes) Len() int           { return len(l) }
func (l freeLanes) Less(i, j int) bool { return l[i] < l[j] }
func (l freeLanes) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *freeLanes) Push(x any)        { *l = append(*l, x.(uint32)) }
func (l *freeLanes) Pop() any          { return pop((*[]uint32)(l)) }

func pop[T any](list *[]T) T {
	last := (*list)[len(*list)-1]
	*list = slices.Delete(*list, len(*list)-1, len(*list))
	return last
}
