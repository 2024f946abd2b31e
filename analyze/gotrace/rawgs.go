package gotrace

import "fmt"

// rawState is the state of a goroutine.
type rawState uint8

// The states. rawUnknown is that of a goroutine of which only its creation is known, or nothing.
const (
	rawUnknown rawState = iota
	rawRunnable
	rawRunning
	rawInCall
	rawWaiting
	rawGone
)

// stateOfStatus returns what a status in a trace stands for (tracev2.GoStatus).
func stateOfStatus(n uint64) (rawState, error) {
	switch n {
	case 1:
		return rawRunnable, nil
	case 2:
		return rawRunning, nil
	case 3:
		return rawInCall, nil
	case 4:
		return rawWaiting, nil
	}
	return 0, fmt.Errorf("status %d of a goroutine: %w", n, errRaw)
}

// rawStop is how a goroutine left off running.
type rawStop uint8

// The ways. rawNoStop: it did not, in this generation.
const (
	rawNoStop rawStop = iota
	rawBlocked
	rawYielded
	rawCalled   // the runtime for a system call
	rawSwitched // to another, of a coroutine: no reason, no stack
)

// rawG is what a generation tells of a goroutine. Times are of the generation's clock, strings and stacks of its tables.
type rawG struct {
	id uint64

	parent                  uint64 // that made it; 0: not in this generation, or none did
	createdAt               uint64
	startStack, createStack uint32

	// How it was when the generation began, if it was there; firstStack is where it was seen first.
	stated                  bool
	first                   rawState
	firstProc               int64
	statedStack, firstStack uint32
	firstSeq                uint32

	seq       uint32 // counts its transitions: the highest seen
	state     rawState
	stop      rawStop // the last one
	created   bool
	isBlocked bool // it was made suspended
	moved     bool // it did something
	stopSeq   uint32
	stopAt    uint64
	reason    uint32
	stack     uint32 // where it stopped
	callEnd   uint64 // when the system call lost its P; 0: not yet
	wokenAt   uint64 // when what it waited for came the last time
	goneAt    uint64

	steps  uint32
	busy   uint64
	openAt uint64 // when the step that is open at the end of the generation began; 0: none is, or before
	open   bool
	endAt  uint64 // when the step that was open at the beginning ended; 0: it did not
	proc   int64  // on which it runs, -1 if that is not known
}

// rawGs holds what is known of goroutines, by their ids.
type rawGs struct {
	index []uint32 // open addressing: number + 1 in chunks
	count int
	chunk []*[rawChunk]rawG
}

const (
	rawChunk  = 256
	maxRawGs  = 1 << 23
	indexFrom = 1 << 10
)

func (t *rawGs) at(i int) *rawG { return &t.chunk[i/rawChunk][i%rawChunk] }

// slot returns where an id is in the index, or where it would be.
func (t *rawGs) slot(id uint64) int {
	mask := uint64(len(t.index) - 1)
	for i := id * 0x9e3779b97f4a7c15 >> 20 & mask; ; i = (i + 1) & mask {
		n := t.index[i]
		if n == 0 || t.at(int(n-1)).id == id {
			return int(i)
		}
	}
}

// find returns a goroutine, nil if nothing is known of it.
func (t *rawGs) find(id uint64) *rawG {
	if len(t.index) == 0 {
		return nil
	}
	n := t.index[t.slot(id)]
	if n == 0 {
		return nil
	}
	return t.at(int(n - 1))
}

// get returns a goroutine, which is made if nothing is known of it. The pointer stays good.
func (t *rawGs) get(id uint64) (*rawG, error) {
	if t.count*2 >= len(t.index) {
		t.grow()
	}
	i := t.slot(id)
	if n := t.index[i]; n != 0 {
		return t.at(int(n - 1)), nil
	}
	if t.count >= maxRawGs {
		return nil, fmt.Errorf("more than %d goroutines in one generation: %w", maxRawGs, errRaw)
	}
	if t.count%rawChunk == 0 && t.count/rawChunk == len(t.chunk) {
		t.chunk = append(t.chunk, new([rawChunk]rawG))
	}
	g := t.at(t.count)
	*g = rawG{id: id, proc: -1}
	t.count++
	t.index[i] = uint32(t.count)
	return g, nil
}

func (t *rawGs) grow() {
	t.index = make([]uint32, max(indexFrom, 2*len(t.index)))
	for i := range t.count {
		t.index[t.slot(t.at(i).id)] = uint32(i + 1)
	}
}

// reset empties the table and keeps its memory.
func (t *rawGs) reset() {
	clear(t.index)
	t.count = 0
}
