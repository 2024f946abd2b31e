package recorder

import (
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	maxDepth  = 16      // frames of a creation stack at most
	waitDepth = 4       // frames of a wait
	ownFrames = 4       // of this package, at most, on top of those
	maxPlaces = 1 << 15 // of one kind that are told apart
	keyDepth  = maxDepth + ownFrames
)

// placeKey tells places apart. The addresses are those of walk, or where that fails those of runtime.Callers, which are at
// least as many.
type placeKey struct {
	word string  // reason of a wait, a name
	fn   uintptr // function of a task
	loop uint32
	n    int
	pcs  [keyDepth]uintptr
}

func (k *placeKey) hash(seed maphash.Seed) uint64 {
	h := uint64(k.loop)*0x9e3779b97f4a7c15 ^ uint64(k.fn) ^ maphash.String(seed, k.word)
	for _, pc := range k.pcs[:k.n] {
		h = (h ^ uint64(pc)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h ^ h>>32
}

func (k *placeKey) equal(o *placeKey) bool {
	if k.n != o.n || k.loop != o.loop || k.fn != o.fn || k.word != o.word {
		return false
	}
	for i := range k.n {
		if k.pcs[i] != o.pcs[i] {
			return false
		}
	}
	return true
}

// fill notes the stack of the caller's caller, up to depth frames of the program.
//
//go:noinline
func (k *placeKey) fill(depth int) {
	if depth == 0 {
		return
	}
	if k.n = walk(&k.pcs[0], depth+ownFrames); k.n < 0 {
		k.n = runtime.Callers(2, k.pcs[:depth+ownFrames])
	}
}

// place is where something is done again and again: where tasks are made, or wait. It is defined once and then named by
// number.
type place struct {
	placeKey
	next  *place
	stack []uintptr // of runtime.Callers, innermost first
	id    uint32    // of its definition in the spool: site, chain, name; 0: none
}

// placeTable finds places without a lock. It only grows.
type placeTable struct {
	mu      sync.Mutex
	count   int
	seed    maphash.Seed
	buckets [1 << 12]atomic.Pointer[place]
}

func (t *placeTable) init() { t.seed = maphash.MakeSeed() }

func (t *placeTable) find(k *placeKey) *place {
	for p := t.buckets[k.hash(t.seed)%uint64(len(t.buckets))].Load(); p != nil; p = p.next {
		if p.equal(k) {
			return p
		}
	}
	return nil
}

// add enters a place, or returns the one that another goroutine has entered meanwhile. define is called under the lock of the
// table, and only for a new one. It returns nil if there are too many,
// but for those that say nothing of where they are.
func (t *placeTable) add(p *place, define func(*place)) *place {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.find(&p.placeKey); old != nil {
		return old
	}
	if t.count >= maxPlaces && (p.n > 0 || p.word != "") {
		return nil
	}
	t.count++
	define(p)
	b := &t.buckets[p.hash(t.seed)%uint64(len(t.buckets))]
	p.next = b.Load()
	b.Store(p)
	return p
}
