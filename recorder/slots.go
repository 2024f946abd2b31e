package recorder

import (
	"sync/atomic"
	"unsafe"
)

// Codes of slots: see package tracefile. Those from page1 on are of its page 1.
const (
	slotStep      = 0
	slotSpawned   = 1
	slotReturned  = 2
	slotRaised    = 3
	slotCancelled = 4
	slotFact      = 4 // about no task
	slotCancel    = 5
	slotSite      = 9
	slotStack     = 12

	page1         = 1 << 52
	slotStepEnded = page1
	slotChain     = page1 | 1
	slotParent    = page1 | 2
	slotName      = page1 | 3
	slotFailed    = page1 | 4

	slotShort   = 56 // bits from here on of slotStepEnded: the chain, if its number has room
	shortChains = 256
)

const (
	slotsHeader = 64
	slotSize    = 16
)

// slot is one record of a segment. A word of 0 says that it was not written, so the value is stored first.
type slot struct {
	word  uint64
	value uint64
}

func (s *slot) set(word, value uint64) {
	s.value = value
	atomic.StoreUint64(&s.word, word)
}

// segment is a mapped file of slots. It stays mapped as long as the process lives, because a goroutine may be stopped between
// reserving a slot and writing it for as long as it likes.
type segment struct {
	next  atomic.Uint64 // slot to be given out
	count uint64
	first unsafe.Pointer // *slot
}

func (g *segment) slot(i uint64) *slot { return (*slot)(unsafe.Add(g.first, i*slotSize)) }

// reservation is one or more slots in a row.
type reservation struct {
	seg *segment
	at  uint64
}

// set writes the i-th slot. It does nothing where nothing was reserved.
func (r reservation) set(i, word, value uint64) {
	if r.seg != nil {
		r.seg.slot(r.at+i).set(word, value)
	}
}

// reserve gives out n slots; none if nothing is recorded any more.
func (s *spool) reserve(n uint64) reservation {
	if s == nil {
		return reservation{}
	}
	for {
		seg := s.seg.Load()
		if seg == nil {
			return reservation{}
		}
		if at := seg.next.Add(n) - n; at+n <= seg.count {
			return reservation{seg, at}
		}
		s.roll(seg)
	}
}

// word is the first half of a slot about the task.
func (t *Task) word(code uint64) uint64 { return t.id<<4 | code }
