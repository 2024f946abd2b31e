package gotrace

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// rawTable holds those strings and stacks of a generation that somebody wants.
type rawTable struct {
	texts  map[uint64]string // by id; wanted ones have a key
	stacks map[uint32][]uint64
	frames map[uint64]rawFrame // by pc: the first one of a pc counts for all, as in the reader of x/exp
	all    bool                // the names of all frames are wanted
	absent int                 // how many of what is wanted were not found yet
}

type rawFrame struct{ function, file, line uint64 }

func newRawTable() *rawTable {
	return &rawTable{texts: map[uint64]string{}, stacks: map[uint32][]uint64{}, frames: map[uint64]rawFrame{}}
}

// wantStack asks for a stack, and wantText for a string. They are there once read returned.
func (t *rawTable) wantStack(id uint32) {
	if id != 0 {
		t.stacks[id] = nil
	}
}

func (t *rawTable) wantText(id uint32) {
	if id != 0 {
		t.texts[uint64(id)] = ""
	}
}

// read reads what is wanted of a generation. An error means that the trace is damaged.
func (t *rawTable) read(r io.ReaderAt, g *generation) error {
	t.absent = len(t.stacks)
	err := g.content(r, rawStacks, t.addStacks)
	if err != nil {
		return err
	}
	for _, pcs := range t.stacks {
		for _, pc := range pcs {
			t.wantFrame(t.frames[pc])
		}
	}
	for _, f := range t.frames {
		if t.all {
			t.wantFrame(f)
		}
	}
	delete(t.texts, 0) // which stands for none
	t.absent += len(t.texts)
	err = g.content(r, rawStrings, func(data []byte) error {
		return eachString(data, func(id uint64, text []byte) {
			if _, wanted := t.texts[id]; wanted {
				t.texts[id] = string(text)
				t.absent--
			}
		})
	})
	if err == nil && t.absent != 0 {
		err = fmt.Errorf("tables of generation %d: %w", g.number, errRaw)
	}
	return err
}

func (t *rawTable) wantFrame(f rawFrame) { t.texts[f.function], t.texts[f.file] = "", "" }

// content visits the data of the generation's batches of a kind, without their first byte.
func (g *generation) content(r io.ReaderAt, kind rawKind, visit func([]byte) error) error {
	buf := make([]byte, maxBatch)
	for i := range g.batches {
		b := &g.batches[i]
		if b.kind != kind {
			continue
		}
		data := buf[:b.size]
		if _, err := r.ReadAt(data, b.off); err != nil {
			return err
		}
		if err := visit(data[1:]); err != nil {
			return fmt.Errorf("generation %d, batch at %d: %w", g.number, b.off, err)
		}
	}
	return nil
}

// rawNumbers reads varints one after the other; after the end all are 0 and bad is set.
type rawNumbers struct {
	data []byte
	bad  bool
}

func (n *rawNumbers) next() uint64 {
	v, w := binary.Uvarint(n.data)
	if w <= 0 {
		n.bad, n.data = true, nil
		return 0
	}
	n.data = n.data[w:]
	return v
}

// eachString visits the strings of a batch; the text is good for the call only.
func eachString(data []byte, visit func(id uint64, text []byte)) error {
	for len(data) > 0 {
		n := rawNumbers{data: data[1:]}
		id, size := n.next(), n.next()
		if rawKind(data[0]) != rawString || n.bad || size > maxString || size > uint64(len(n.data)) {
			return fmt.Errorf("table of strings: %w", errRaw)
		}
		visit(id, n.data[:size])
		data = n.data[size:]
	}
	return nil
}

func (t *rawTable) addStacks(data []byte) error {
	for len(data) > 0 {
		n := rawNumbers{data: data[1:]}
		id, size := n.next(), n.next()
		if rawKind(data[0]) != rawStack || n.bad || size > maxStackFrames || id > 1<<32-1 {
			return fmt.Errorf("table of stacks: %w", errRaw)
		}
		_, wanted := t.stacks[uint32(id)]
		var pcs []uint64
		for range size {
			pc := n.next()
			f := rawFrame{function: n.next(), file: n.next(), line: n.next()}
			if _, known := t.frames[pc]; !known {
				t.frames[pc] = f
			}
			if wanted {
				pcs = append(pcs, pc)
			}
		}
		if n.bad {
			return fmt.Errorf("table of stacks: %w", errRaw)
		}
		if wanted {
			t.stacks[uint32(id)] = pcs
			t.absent--
		}
		data = n.data
	}
	return nil
}

// stack interns a stack that was asked for; 0 for none.
func (t *rawTable) stack(s *stacks, id uint32) tracefile.StackID {
	pcs := t.stacks[id]
	if id == 0 || len(pcs) == 0 {
		return 0
	}
	return s.internFrames(func(yield func(function, file string, line uint64)) {
		for _, pc := range pcs {
			f := t.frames[pc]
			yield(t.texts[f.function], t.texts[f.file], f.line)
		}
	})
}

// text returns a string that was asked for.
func (t *rawTable) text(id uint32) string { return t.texts[uint64(id)] }
