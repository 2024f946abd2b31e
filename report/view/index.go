package view

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/tasklist"
)

// index finds the tasks of a run in any order. It is made once and not changed afterwards but for its caches, which only
// Update writes: what takes long computes beside, from what does not change, and hands its result over as a message.
type index struct {
	run   *analyze.Run
	tasks []*analyze.Task // run.Tasks
	last  map[*analyze.Task]*analyze.Live
	warns map[*analyze.Task]warning
	atEnd map[*analyze.Task]bool // live when the close that the result is about was called
	sched []int64                // time between wake-up and step, by place in tasks; nil where no wake-ups are recorded

	orders [columns][]int32 // places in tasks in the order of a column; nil: not asked for yet
}

// warning sums up the findings about a task.
type warning struct {
	severity analyze.Severity // the worst
	count    int
}

func newIndex(res *analyze.Result) *index {
	x := &index{
		run: res.Run, tasks: res.Run.Tasks, last: tasklist.LastLive(res.Run),
		warns: map[*analyze.Task]warning{}, atEnd: map[*analyze.Task]bool{},
	}
	for i := range res.Findings {
		f := &res.Findings[i]
		for _, t := range f.Tasks {
			w := x.warns[t]
			w.count++
			if weight(f.Severity) > weight(w.severity) {
				w.severity = f.Severity
			}
			x.warns[t] = w
		}
	}
	if c := tasklist.DecisiveClose(res); c != nil {
		for _, l := range c.Live {
			x.atEnd[l.Task] = true
		}
	}
	if tl := res.Run.Timeline; tl != nil && len(tl.Wakes) > 0 {
		x.sched = scheduled(x.tasks, tl)
	}
	return x
}

func weight(s analyze.Severity) int64 {
	switch s {
	case analyze.Error:
		return 3
	case analyze.Warning:
		return 2
	case analyze.Note:
		return 1
	}
	return 0
}

// scheduled returns for how long each task was ready to go on and did not.
func scheduled(tasks []*analyze.Task, tl *analyze.Timeline) []int64 {
	places := make(map[*analyze.Task]int, len(tasks))
	for i, t := range tasks {
		places[t] = i
	}
	ready, out := make([]int64, len(tasks)), make([]int64, len(tasks))
	wakes := tl.Wakes
	for i := range tl.Steps {
		s := &tl.Steps[i]
		for len(wakes) > 0 && wakes[0].TimeNS <= s.BeginNS {
			if at, ok := places[wakes[0].Task]; ok && ready[at] == 0 {
				ready[at] = wakes[0].TimeNS
			}
			wakes = wakes[1:]
		}
		if at, ok := places[s.Task]; ok && ready[at] != 0 {
			out[at] += s.BeginNS - ready[at]
			ready[at] = 0
		}
	}
	return out
}

// row returns what is known of a task.
func (x *index) row(t *analyze.Task) tasklist.Row {
	row := tasklist.RowOf(x.run, x.last, t)
	if row.Live != nil && row.State == "pending" {
		row.State = row.Live.State // what it did when it was seen last says more
	}
	return row
}

func (x *index) idle(i int32, row tasklist.Row) int64 {
	idle := row.TotalNS - row.BusyNS
	if x.sched != nil {
		idle -= x.sched[i]
	}
	return max(idle, 0)
}

// place returns where a task is in tasks, -1 if it is not there. They are sorted by id.
func (x *index) place(t *analyze.Task) int {
	i, ok := slices.BinarySearchFunc(x.tasks, t.ID, func(t *analyze.Task, id int) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return -1
	}
	return i
}

// order computes the order of a column: the largest numbers first, names from a to z, by id where they are equal.
func (x *index) order(c column) []int32 {
	keys := make([]uint64, len(x.tasks))
	switch c {
	case colName:
		nameKeys(x.tasks, keys)
	case colLocation:
		x.siteKeys(keys)
	case colAwaiting:
		x.textKeys(keys, x.awaitText)
	case colState:
		x.textKeys(keys, func(t *analyze.Task) string { return x.row(t).State })
	default:
		parallel(len(keys), func(from, to int) {
			for i := from; i < to; i++ {
				keys[i] = x.number(c, int32(i), x.tasks[i])
			}
		})
	}
	return radix(keys)
}

// number returns the key of a column of numbers.
func (x *index) number(c column, i int32, t *analyze.Task) uint64 {
	var n int64
	switch c {
	case colID:
		return uint64(t.ID)
	case colWarn:
		w := x.warns[t]
		n = weight(w.severity)<<32 + int64(w.count)<<1
		if x.atEnd[t] {
			n++
		}
	case colTotal:
		n = x.row(t).TotalNS
	case colBusy:
		n = t.BusyNS
	case colIdle:
		n = x.idle(i, x.row(t))
	case colSched:
		n = x.sched[i]
	case colSteps:
		n = int64(t.Steps)
	}
	return ^uint64(max(n, 0))
}

// textKeys numbers the texts of tasks, of which there are few different ones, by their order.
func (x *index) textKeys(keys []uint64, text func(*analyze.Task) string) {
	ranks := map[string]uint64{}
	last, n := "", uint64(0)
	for i, t := range x.tasks {
		if s := text(t); s != last || i == 0 {
			known := false
			if n, known = ranks[s]; !known {
				n = uint64(len(ranks))
				ranks[s] = n
			}
			last = s
		}
		keys[i] = n
	}
	rank(ranks, keys)
}

// siteKeys is textKeys for where tasks were spawned.
func (x *index) siteKeys(keys []uint64) {
	sites, ranks := map[*analyze.Site]uint64{}, map[string]uint64{}
	var last *analyze.Site
	var n uint64
	for i, t := range x.tasks {
		if t.Site != last || i == 0 {
			known := false
			if n, known = sites[t.Site]; !known {
				text := siteText(t)
				if n, known = ranks[text]; !known {
					n = uint64(len(ranks))
					ranks[text] = n
				}
				sites[t.Site] = n
			}
			last = t.Site
		}
		keys[i] = n
	}
	rank(ranks, keys)
}

// rank replaces the numbers in keys, by which ranks knows texts, by their places in the order of the texts; "" comes last.
func rank(ranks map[string]uint64, keys []uint64) {
	texts := make([]string, len(ranks))
	for s, n := range ranks {
		texts[n] = s
	}
	sorted := slices.Clone(texts)
	slices.SortFunc(sorted, func(a, b string) int {
		if (a == "") != (b == "") {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	place := make([]uint64, len(texts))
	for i, s := range sorted {
		place[ranks[s]] = uint64(i)
	}
	for i := range keys {
		keys[i] = place[keys[i]]
	}
}

// numberBits is the room of a key for the number that a name ends in.
const numberBits = 40

// nameKeys orders names as people would: job-2 before job-10.
func nameKeys(tasks []*analyze.Task, keys []uint64) {
	ranks := map[string]uint64{}
	numbers := make([]uint64, len(tasks))
	for i, t := range tasks {
		stem, n := splitName(t.Name)
		r, ok := ranks[stem]
		if !ok {
			r = uint64(len(ranks))
			ranks[stem] = r
		}
		keys[i], numbers[i] = r, n
	}
	rank(ranks, keys)
	for i := range keys {
		keys[i] = keys[i]<<numberBits | numbers[i]
	}
}

// splitName takes off the number that a name ends in, if it is not too long for a key.
func splitName(name string) (stem string, n uint64) {
	end := len(name)
	for end > 0 && name[end-1] >= '0' && name[end-1] <= '9' && len(name)-end < 12 {
		end--
	}
	for _, d := range []byte(name[end:]) {
		n = n*10 + uint64(d-'0')
	}
	if n >= 1<<numberBits {
		return name, 0
	}
	return name[:end], n
}

func siteText(t *analyze.Task) string {
	s := t.Site
	switch {
	case s == nil:
		return ""
	case s.At != nil:
		return s.At.File + "\x00" + lineKey(s.At.Line)
	}
	return s.Via
}

func (x *index) awaitText(t *analyze.Task) string {
	l := x.last[t]
	if l == nil || t.EndedNS != 0 {
		return ""
	}
	if l.At == nil {
		return l.On.Kind
	}
	return l.On.Kind + "\x00" + l.At.File + "\x00" + lineKey(l.At.Line)
}

// lineKey orders line numbers as text.
func lineKey(n int) string {
	return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// radix returns the places of keys in ascending order; equal ones stay in theirs.
func radix(keys []uint64) []int32 {
	order, spare := make([]int32, len(keys)), make([]int32, len(keys))
	all, any := ^uint64(0), uint64(0)
	for i, k := range keys {
		order[i] = int32(i)
		all, any = all&k, any|k
	}
	counts := make([]int32, 1<<16)
	for shift := 0; shift < 64; shift += 16 {
		if (all^any)>>shift&0xffff == 0 {
			continue // these digits are the same in all
		}
		clear(counts)
		for _, k := range keys {
			counts[k>>shift&0xffff]++
		}
		sum := int32(0)
		for d, n := range counts {
			counts[d] = sum
			sum += n
		}
		for _, i := range order {
			d := keys[i] >> shift & 0xffff
			spare[counts[d]] = i
			counts[d]++
		}
		order, spare = spare, order
	}
	return order
}
