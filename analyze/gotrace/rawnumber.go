package gotrace

import (
	"cmp"
	"slices"
)

// number counts the births before those of the goroutines that are told of, by which they have the same numbers as if all were.
// An error means that two births cannot be told apart by their times.
func (l *rawLive) number(w *rawWalk, gen int) error {
	l.births[gen] = len(w.births)
	var made []*rawTask
	for _, t := range l.tasks {
		if t.made.gen == gen {
			made = append(made, t)
		}
	}
	slices.SortFunc(made, func(a, b *rawTask) int { return cmp.Compare(a.madeIn, b.madeIn) })
	between := make([]int, len(made)+1) // births after one and not after the next
	for _, at := range w.births {
		i, same := slices.BinarySearchFunc(made, at, func(t *rawTask, at uint64) int { return cmp.Compare(t.madeIn, at) })
		if same {
			if made[i].rank++; made[i].rank > 1 {
				return errInOrder
			}
		}
		between[i]++
	}
	before := 0
	for i, t := range made {
		before += between[i]
		t.rank = before - 1 // without itself
	}
	if gen == 0 {
		l.numberOlder(w)
	}
	return nil
}

// numberOlder does the same for goroutines that are older than the trace: they have the first numbers, by their ids.
func (l *rawLive) numberOlder(w *rawWalk) {
	var ids []uint64
	for i := range w.gs.count {
		if r := w.gs.at(i); r.stated && !r.created {
			ids = append(ids, r.id)
		}
	}
	slices.Sort(ids)
	l.olders = len(ids)
	for _, t := range l.tasks {
		if t.older != nil {
			t.rank, _ = slices.BinarySearch(ids, t.id)
		}
	}
}

// numbers returns how many tasks were told of before the first one of each generation, and at the end in all.
func (l *rawLive) numbers() []int {
	out := []int{l.olders}
	for _, n := range l.births {
		out = append(out, out[len(out)-1]+n)
	}
	return out
}
