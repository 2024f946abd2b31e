package gotrace

import (
	"maps"
	"slices"
	"strconv"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// goroutine is what is known of one that has not ended.
type goroutine struct {
	id     trace.GoID
	task   tracefile.TaskID
	state  trace.GoState
	ran    bool // it has begun to run, as far as is known
	open   bool // its step is
	thread tracefile.ThreadID
	proc   trace.ProcID // on which a system call began: it keeps that for a while
	// Where it was when it last stopped, why, and since when; least: it stood there already, and perhaps before.
	stack tracefile.StackID
	on    wait
	since int64
	least bool
	// unplaced: the trace did not say where it is. It counts in converter.unplaced.
	unplaced bool
	closing  uint64 // which functions that close something were on its stack when that was last seen
	test     *test  // that it runs, or that made it
	runs     bool   // test is the one that it runs
	user     *userTask
}

// chain is what a list of what is live says of a goroutine.
func (g *goroutine) chain(s *stacks) tracefile.ChainID {
	switch g.state {
	case trace.GoRunning:
		return s.chainOf(0, "running", "")
	case trace.GoSyscall:
		if g.open {
			return s.chainOf(g.stack, "running", string(onSyscall))
		}
		return s.chainOf(g.stack, "suspended", string(g.on))
	case trace.GoRunnable:
		if !g.ran {
			return s.chainOf(0, "not-started", "")
		}
		return s.chainOf(g.stack, "suspended", "")
	}
	return s.chainOf(g.stack, "suspended", string(g.on))
}

// name is what a goroutine is called, as crash dumps do.
func (g *goroutine) name() string { return "goroutine " + strconv.FormatInt(int64(g.id), 10) }

// goroutines holds those that have not ended, by id. The ids of a process are counted, so that pages of them fill up in
// order; a page of which all have ended is dropped. Pages are small: a damaged trace may claim any id.
type goroutines struct {
	pages map[trace.GoID]*goPage
	last  *goPage // that was used last
	base  trace.GoID
	free  []*goroutine
	count int
}

const goPageBits = 5

type goPage struct {
	live [1 << goPageBits]*goroutine
	n    int
}

func newGoroutines() *goroutines {
	return &goroutines{pages: map[trace.GoID]*goPage{}, base: -1}
}

func (t *goroutines) page(id trace.GoID) *goPage {
	base := id >> goPageBits
	if base != t.base || t.last == nil {
		t.base, t.last = base, t.pages[base]
	}
	return t.last
}

// get returns a goroutine, nil if it is not known.
func (t *goroutines) get(id trace.GoID) *goroutine {
	if pg := t.page(id); pg != nil {
		return pg.live[id&(1<<goPageBits-1)]
	}
	return nil
}

// add makes a goroutine.
func (t *goroutines) add(id trace.GoID) *goroutine {
	pg := t.page(id)
	if pg == nil {
		pg = new(goPage)
		t.pages[id>>goPageBits] = pg
		t.last = pg
	}
	var g *goroutine
	if n := len(t.free); n > 0 {
		g, t.free = t.free[n-1], t.free[:n-1]
	} else {
		g = new(goroutine)
	}
	*g = goroutine{id: id, proc: trace.NoProc}
	pg.live[id&(1<<goPageBits-1)] = g
	pg.n++
	t.count++
	return g
}

// drop forgets a goroutine that ended.
func (t *goroutines) drop(g *goroutine) {
	pg := t.page(g.id)
	if pg == nil {
		return
	}
	pg.live[g.id&(1<<goPageBits-1)] = nil
	t.count--
	if pg.n--; pg.n == 0 {
		delete(t.pages, g.id>>goPageBits)
		t.last, t.base = nil, -1
	}
	t.free = append(t.free, g)
}

// each visits all goroutines by their ids.
func (t *goroutines) each(visit func(*goroutine)) {
	for _, base := range slices.Sorted(maps.Keys(t.pages)) {
		for _, g := range t.pages[base].live {
			if g != nil {
				visit(g)
			}
		}
	}
}
