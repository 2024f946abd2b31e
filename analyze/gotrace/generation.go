package gotrace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// generation is a part of a trace that can be read without the others: every goroutine that lives in it is stated in it, and
// the strings and stacks that it uses are in it.
type generation struct {
	number     uint64
	begin, end int64   // in the file; end is that of the last batch, or after the mark of its end
	unit       float64 // ns per unit of its clock
	batches    []rawBatch
	wall       int64 // Unix ns at wallAt; 0: not known
	wallAt     uint64
}

// Bounds of what a damaged or hostile file can make us keep.
const (
	maxGenerations = 1 << 20
	maxBatches     = 1 << 22
)

// indexGenerations finds the generations of a trace by the headers of its batches alone. An error means that this is not a
// whole trace of Go 1.22 or later: it has to be read from its beginning.
func indexGenerations(r io.ReaderAt, size int64) ([]*generation, error) {
	version, err := rawVersion(r)
	if err != nil {
		return nil, err
	}
	x := &generationIndex{version: version}
	head := make([]byte, maxBatchHeader)
	for at := int64(headerSize); at < size; {
		n, err := r.ReadAt(head[:min(maxBatchHeader, size-at)], at)
		if err != nil && !(errors.Is(err, io.EOF) && n > 0) {
			return nil, fmt.Errorf("offset %d: %w", at, err)
		}
		b, n, err := readBatchHeader(head[:n])
		if err != nil {
			return nil, fmt.Errorf("offset %d: %w", at, err)
		}
		b.off = at + int64(n)
		if err := x.add(b, at); err != nil {
			return nil, fmt.Errorf("offset %d: %w", at, err)
		}
		if at = b.off + int64(b.size); at > size {
			return nil, fmt.Errorf("offset %d: %w", at, io.ErrUnexpectedEOF)
		}
	}
	return x.finish(r)
}

// rawVersion returns the minor version of Go in the header of a trace whose layout is that of raw.go.
func rawVersion(r io.ReaderAt) (int, error) {
	head := make([]byte, headerSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return 0, err
	}
	var version int
	if _, err := fmt.Sscanf(string(head), "go 1.%d trace\x00\x00\x00", &version); err != nil {
		return 0, errRaw
	}
	switch version {
	case 22, 23, 25, 26:
		return version, nil
	}
	return 0, fmt.Errorf("layout of Go 1.%d: %w", version, errRaw)
}

// generationIndex is an index in the making.
type generationIndex struct {
	version int
	list    []*generation
	open    *generation // nil: between two generations
	batches int
}

// add takes in a batch whose header is at an offset.
func (x *generationIndex) add(b rawBatch, at int64) error {
	g := x.open
	if b.kind == rawEndOfGeneration {
		if x.version < 26 || g == nil {
			return fmt.Errorf("end of a generation: %w", errRaw)
		}
		g.end, x.open = b.off, nil
		return nil
	}
	if g != nil && b.gen != g.number {
		if x.version >= 26 || b.gen != g.number+1 {
			return fmt.Errorf("generation %d in generation %d: %w", b.gen, g.number, errRaw)
		}
		g = nil
	}
	if g == nil {
		g = &generation{number: b.gen, begin: at}
		x.open = g
		x.list = append(x.list, g)
	}
	if x.batches++; x.batches > maxBatches || len(x.list) > maxGenerations {
		return fmt.Errorf("too many batches: %w", errRaw)
	}
	g.end = b.off + int64(b.size)
	g.batches = append(g.batches, b)
	return nil
}

// finish completes the index with the clocks of the generations.
func (x *generationIndex) finish(r io.ReaderAt) ([]*generation, error) {
	if x.version >= 26 && x.open != nil {
		return nil, fmt.Errorf("no end of generation %d: %w", x.open.number, errRaw)
	}
	if len(x.list) == 0 {
		return nil, errRaw
	}
	for i, g := range x.list {
		if i > 0 && g.number <= x.list[i-1].number {
			return nil, fmt.Errorf("generation %d again: %w", g.number, errRaw)
		}
		if err := g.readClock(r); err != nil {
			return nil, err
		}
	}
	return x.list, nil
}

// readClock reads how long a unit of the generation's clock is: from the batch of the clock, which is the only one of its
// kind (Frequency alone until Go 1.23; Sync, Frequency, ClockSnapshot since Go 1.25).
func (g *generation) readClock(r io.ReaderAt) error {
	for i := range g.batches {
		b := &g.batches[i]
		if b.kind != rawFrequency && b.kind != rawSync {
			continue
		}
		data := make([]byte, b.size)
		if _, err := r.ReadAt(data, b.off); err != nil {
			return err
		}
		if b.kind == rawSync {
			data = data[1:]
		}
		if len(data) == 0 || rawKind(data[0]) != rawFrequency {
			return fmt.Errorf("clock of generation %d: %w", g.number, errRaw)
		}
		perSecond, n := binary.Uvarint(data[1:])
		if n <= 0 || perSecond == 0 || g.unit != 0 {
			return fmt.Errorf("clock of generation %d: %w", g.number, errRaw)
		}
		g.unit = 1 / (float64(perSecond) / 1e9)
		g.wallClock(data[1+n:], b.time)
	}
	if g.unit == 0 {
		return fmt.Errorf("no clock in generation %d: %w", g.number, errRaw)
	}
	return nil
}

// ns turns a time of the generation's clock into ns.
func (g *generation) ns(t uint64) int64 { return int64(float64(t) * g.unit) }

// begins returns when the generation begins: the earliest time of a batch.
func (g *generation) begins() int64 {
	first := g.batches[0].time
	for i := range g.batches {
		// As the reader of x/exp does: a batch without a time does not count.
		if t := g.batches[i].time; first == 0 || t < first {
			first = t
		}
	}
	return g.ns(first)
}
