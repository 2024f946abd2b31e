package gotrace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The layout of traces of Go 1.22 and later, as the runtime writes it (internal/trace/tracev2: events.go and spec.go;
// internal/trace/batch.go and generation.go). After a header of 16 bytes comes batch after batch:
//
//	EventBatch         generation M time size bytes
//	ExperimentalBatch  experiment generation M time size bytes
//	EndOfGeneration    (Go 1.26 and later)
//
// where the first word is one byte and the numbers are varints. The bytes of a batch are the events of one M in their order,
// or strings, stacks, CPU samples, or the clock. An event is one byte and its numbers, the first of which is the time since
// the event before.

// rawKind is the kind of an event or batch in a trace.
type rawKind uint8

// The kinds that something here depends on.
const (
	rawEventBatch rawKind = 1
	rawStacks     rawKind = 2
	rawStack      rawKind = 3
	rawStrings    rawKind = 4
	rawString     rawKind = 5
	rawCPUSamples rawKind = 6
	rawFrequency  rawKind = 8

	rawGoCreate            rawKind = 14
	rawGoCreateSyscall     rawKind = 15
	rawGoStart             rawKind = 16
	rawGoDestroy           rawKind = 17
	rawGoDestroySyscall    rawKind = 18
	rawGoStop              rawKind = 19
	rawGoBlock             rawKind = 20
	rawGoUnblock           rawKind = 21
	rawGoSyscallBegin      rawKind = 22
	rawGoSyscallEnd        rawKind = 23
	rawGoSyscallEndBlocked rawKind = 24
	rawGoStatus            rawKind = 25
	rawUserTaskBegin       rawKind = 40
	rawUserTaskEnd         rawKind = 41
	rawUserLog             rawKind = 44
	rawGoSwitch            rawKind = 45
	rawGoSwitchDestroy     rawKind = 46
	rawGoCreateBlocked     rawKind = 47
	rawGoStatusStack       rawKind = 48

	rawExperimentalBatch rawKind = 49
	rawSync              rawKind = 50
	rawClockSnapshot     rawKind = 51
	rawEndOfGeneration   rawKind = 52
)

// rawArity returns how many numbers an event of a kind has, the time included; 0 for what cannot be in a batch of events. By
// tracev2.Specs.
func rawArity() *[256]uint8 {
	var t [256]uint8
	// From ProcsChange (9) to UserLog (44), then the four that Go 1.23 added.
	for i, n := range [...]uint8{
		3, 3, 1, 4, 3,
		4, 2, 3, 1, 1, 3, 3, 4, 3, 1, 1, 4,
		3, 1,
		2, 3, 2, 2, 2, 3, 2, 2, 1, 2, 2,
		2, 5, 3, 4, 4, 5,
		3, 3, 4, 5,
	} {
		t[9+i] = n
	}
	// Those of the experiment AllocFree.
	for i, n := range [...]uint8{4, 4, 2, 3, 3, 2, 3, 3, 2} {
		t[128+i] = n
	}
	return &t
}

// rawStackArg returns which argument of an event, the time not counted, is the stack on which it happens; -1: it has none. By
// tracev2.Specs.
func rawStackArg() *[256]int8 {
	var t [256]int8
	for i := range t {
		t[i] = -1
	}
	for kind, arg := range map[rawKind]int8{
		9: 1, rawGoCreate: 2, rawGoStop: 1, rawGoBlock: 1, rawGoUnblock: 2, rawGoSyscallBegin: 1, 26: 1, 29: 1, 32: 0, 35: 0,
		rawUserTaskBegin: 3, rawUserTaskEnd: 1, 42: 2, 43: 2, rawUserLog: 3, rawGoCreateBlocked: 2,
	} {
		t[kind] = arg
	}
	return &t
}

// Limits of the format (tracev2/spec.go).
const (
	maxBatch       = 64 << 10
	maxStackFrames = 128
	maxString      = 1 << 10
)

// errRaw is the error of a trace that is not read here: the reader of golang.org/x/exp has to say what is wrong with it.
var errRaw = errors.New("not a whole Go execution trace")

// rawBatch is one batch.
type rawBatch struct {
	kind rawKind // of the batch; for a batch of events, what its first byte says
	gen  uint64
	m    uint64
	time uint64
	off  int64 // of the data in the file
	size int
}

// maxBatchHeader is enough for the largest header: a kind, an experiment, four numbers, and the first byte of the data.
const maxBatchHeader = 2 + 4*binary.MaxVarintLen64 + 1

// readBatchHeader reads the header of the batch that begins with head; n is how long it is.
func readBatchHeader(head []byte) (b rawBatch, n int, err error) {
	if len(head) == 0 {
		return b, 0, io.ErrUnexpectedEOF
	}
	kind := rawKind(head[0])
	n = 1
	switch kind {
	case rawEndOfGeneration:
		return rawBatch{kind: kind}, n, nil
	case rawExperimentalBatch:
		n++
	case rawEventBatch:
	default:
		return b, 0, fmt.Errorf("batch of kind %d: %w", kind, errRaw)
	}
	var size uint64
	for _, to := range []*uint64{&b.gen, &b.m, &b.time, &size} {
		if n >= len(head) {
			return b, 0, io.ErrUnexpectedEOF
		}
		v, w := binary.Uvarint(head[n:])
		if w <= 0 {
			return b, 0, fmt.Errorf("header of a batch: %w", errRaw)
		}
		*to = v
		n += w
	}
	if size > maxBatch || b.gen == 0 {
		return b, 0, fmt.Errorf("batch of %d bytes in generation %d: %w", size, b.gen, errRaw)
	}
	b.size, b.kind = int(size), kind
	if kind == rawEventBatch && size > 0 {
		if n >= len(head) {
			return b, 0, io.ErrUnexpectedEOF
		}
		b.kind = contentKind(rawKind(head[n]))
	}
	return b, n, nil
}

// contentKind tells by its first byte what a batch holds: rawEventBatch stands for the events of an M.
func contentKind(first rawKind) rawKind {
	switch first {
	case rawStacks, rawStrings, rawCPUSamples, rawFrequency, rawSync:
		return first
	}
	return rawEventBatch
}

// rawEvent is one event of an M.
type rawEvent struct {
	kind rawKind
	time uint64 // in units of the trace's clock
	args [4]uint64
}

// rawCursor goes through the events of a batch.
type rawCursor struct {
	arity *[256]uint8
	data  []byte
	time  uint64
}

// next reads the next event; false at the end of the batch. An event that is not whole, or of a kind that is not one of an
// M's, is an error.
func (c *rawCursor) next(e *rawEvent) (bool, error) {
	d := c.data
	if len(d) == 0 {
		return false, nil
	}
	n := c.arity[d[0]]
	if n == 0 {
		return false, fmt.Errorf("event of kind %d: %w", d[0], errRaw)
	}
	e.kind = rawKind(d[0])
	at := 1
	for i := range n {
		var v uint64
		if at < len(d) && d[at] < 0x80 {
			v = uint64(d[at])
			at++
		} else {
			var w int
			if v, w = binary.Uvarint(d[at:]); w <= 0 {
				return false, fmt.Errorf("cut off event: %w", errRaw)
			}
			at += w
		}
		if i == 0 {
			c.time += v
		} else {
			e.args[i-1] = v
		}
	}
	e.time = c.time
	c.data = d[at:]
	return true, nil
}
