package gotrace

import (
	"cmp"
	"io"
	"slices"
	"time"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// fastPrelude is readPrelude for a whole trace, without bringing events into an order. On an error the first generation has to
// be read with readPrelude.
func fastPrelude(r io.ReaderAt, size int64, s *stacks) (prelude, error) {
	gens, err := indexGenerations(r, size)
	if err != nil {
		return prelude{}, err
	}
	w := newRawWalk()
	if err := w.read(r, gens[0], true); err != nil {
		return prelude{}, err
	}
	var list []*rawTask
	table := newRawTable()
	table.all = true
	for i := range w.gs.count {
		if g := w.gs.at(i); g.stated && !g.created {
			t := new(rawTask)
			t.isOlder(g)
			table.wantStack(t.olderAt.stack)
			table.wantStack(t.firstAt.stack)
			list = append(list, t)
		}
	}
	if err := table.read(r, gens[0]); err != nil {
		return prelude{}, err
	}
	p, err := rawPrelude(r, gens[0], table)
	for _, t := range list {
		t.older.stack, t.older.first = table.stack(s, t.olderAt.stack), table.stack(s, t.firstAt.stack)
		p.older = append(p.older, *t.older)
	}
	sortOlder(p.older)
	return p, err
}

func sortOlder(list []older) {
	slices.SortFunc(list, func(a, b older) int { return cmp.Compare(a.id, b.id) })
}

// rawPrelude is what readPrelude returns, without the goroutines.
func rawPrelude(r io.ReaderAt, g *generation, t *rawTable) (prelude, error) {
	head := make([]byte, headerSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return prelude{}, err
	}
	p := prelude{version: versionOf(head), begins: g.begins()}
	if g.wall != 0 {
		p.wall = g.wall - (g.ns(g.wallAt) - p.begins)
	}
	for _, f := range t.frames {
		if p.isStdlib(t.texts[f.function], t.texts[f.file]) {
			break
		}
	}
	return p, nil
}

// olderOf returns how a goroutine was that is older than the trace; its stacks are for the caller.
func olderOf(r *rawG) *older {
	o := &older{id: trace.GoID(r.id), proc: trace.ProcID(r.firstProc), state: trace.GoRunnable}
	switch r.first {
	case rawRunning:
		o.state = trace.GoRunning
	case rawInCall:
		o.state = trace.GoSyscall
	case rawWaiting:
		o.state = trace.GoWaiting
	}
	return o
}

// wallClock takes in the snapshot of the clocks that follows the frequency in the batch of the clock (Go 1.25).
func (g *generation) wallClock(data []byte, at uint64) {
	if len(data) == 0 || rawKind(data[0]) != rawClockSnapshot {
		return
	}
	n := rawNumbers{data: data[1:]}
	at += n.next()
	n.next() // the monotonic clock
	sec, nsec := n.next(), n.next()
	if !n.bad {
		g.wall, g.wallAt = time.Unix(int64(sec), int64(nsec)).UnixNano(), at
	}
}

var _ tracefile.Source = (*source)(nil)
