package tracefile

import "encoding/binary"

// defBlock collects definitions for one frame. A block refers to nothing outside it, so a lost one costs what is in it.
type defBlock struct {
	strings map[string]uint64
	frames  map[Frame]uint64
	text    []byte // the encoded tables
	lines   []byte
	stacks  []byte
	sites   []byte
	chains  []byte
	counts  [3]uint64 // stacks, sites, chains
}

func (d *defBlock) reset() {
	*d = defBlock{
		strings: map[string]uint64{}, frames: map[Frame]uint64{},
		text: d.text[:0], lines: d.lines[:0], stacks: d.stacks[:0], sites: d.sites[:0], chains: d.chains[:0],
	}
}

func (d *defBlock) count() uint32 { return uint32(d.counts[0] + d.counts[1] + d.counts[2]) }

func (d *defBlock) size() int {
	return len(d.text) + len(d.lines) + len(d.stacks) + len(d.sites) + len(d.chains)
}

// string returns the number of a string in the table; 0 is the empty one.
func (d *defBlock) string(s string) uint64 {
	if s == "" {
		return 0
	}
	n, ok := d.strings[s]
	if !ok {
		n = uint64(len(d.strings) + 1)
		d.strings[s] = n
		d.text = binary.AppendUvarint(d.text, uint64(len(s)))
		d.text = append(d.text, s...)
	}
	return n
}

// frame returns the number of a frame in the table, from 1.
func (d *defBlock) frame(f Frame) uint64 {
	n, ok := d.frames[f]
	if !ok {
		n = uint64(len(d.frames) + 1)
		d.frames[f] = n
		d.lines = appendUvarints(d.lines, d.string(f.File), uint64(max(f.Line, 0)), d.string(f.Function), d.string(f.Qualname), d.string(f.Text))
	}
	return n
}

func appendUvarints(b []byte, list ...uint64) []byte {
	for _, v := range list {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

func (d *defBlock) frameList(b []byte, frames []Frame) []byte {
	b = binary.AppendUvarint(b, uint64(len(frames)))
	for _, f := range frames {
		b = binary.AppendUvarint(b, d.frame(f))
	}
	return b
}

// add takes a definition of the current stream of src.
func (d *defBlock) add(kind defKind, id uint32, src Source) {
	d.counts[kind]++
	switch kind {
	case defStack:
		d.stacks = d.frameList(binary.AppendUvarint(d.stacks, uint64(id)), src.Stack(StackID(id)))
	case defSite:
		s := src.Site(SiteID(id))
		def := uint64(0)
		if s.Def != (Frame{}) {
			def = d.frame(s.Def)
		}
		d.sites = appendUvarints(d.sites, uint64(id), uint64(s.Stack), d.string(s.Coro), def)
	case defChain:
		c := src.Chain(ChainID(id))
		d.chains = appendUvarints(d.chains, uint64(id), d.string(c.State), d.string(c.On))
		d.chains = d.frameList(d.chains, c.Frames)
	}
}

// payload appends the encoded block.
func (d *defBlock) payload(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(d.strings)))
	b = append(b, d.text...)
	b = binary.AppendUvarint(b, uint64(len(d.frames)))
	b = append(b, d.lines...)
	for i, part := range [][]byte{d.stacks, d.sites, d.chains} {
		b = binary.AppendUvarint(b, d.counts[i])
		b = append(b, part...)
	}
	return b
}

// packedDefs are the definitions of a stream as read from a packed file. Stacks stay lists of numbers until somebody asks.
type packedDefs struct {
	stacks map[StackID]frameRefs
	sites  map[SiteID]packedSite
	chains map[ChainID]packedChain

	madeStacks map[StackID][]Frame
	madeChains map[ChainID]Chain
}

type frameRefs struct {
	table []Frame
	refs  []uint32
}

type packedSite struct {
	stack StackID
	coro  string
	def   frameRefs
}

type packedChain struct {
	state, on string
	frames    frameRefs
}

func newPackedDefs() *packedDefs {
	return &packedDefs{
		map[StackID]frameRefs{},
		map[SiteID]packedSite{},
		map[ChainID]packedChain{},
		map[StackID][]Frame{},
		map[ChainID]Chain{},
	}
}

func (f frameRefs) resolve() []Frame {
	if len(f.refs) == 0 {
		return nil
	}
	list := make([]Frame, len(f.refs))
	for i, n := range f.refs {
		list[i] = f.table[n-1]
	}
	return list
}

// add reads a payload. It reports false where that makes no sense; what came before is kept.
func (d *packedDefs) add(payload []byte) bool {
	r := defReader{rowDecoder: rowDecoder{in: payload}}
	r.tables()
	for n := r.count(); n > 0 && r.pos != bad; n-- {
		id := StackID(r.uint())
		if refs := r.refs(); r.pos != bad {
			define(d.stacks, id, refs)
		}
	}
	for n := r.count(); n > 0 && r.pos != bad; n-- {
		id, s := SiteID(r.uint()), packedSite{stack: StackID(r.uint()), coro: r.text()}
		if def := r.uint(); def > 0 {
			s.def = frameRefs{r.frames, []uint32{r.checked(def)}}
		}
		if r.pos != bad {
			define(d.sites, id, s)
		}
	}
	for n := r.count(); n > 0 && r.pos != bad; n-- {
		id, c := ChainID(r.uint()), packedChain{state: r.text(), on: r.text()}
		if c.frames = r.refs(); r.pos != bad {
			define(d.chains, id, c)
		}
	}
	return r.pos != bad
}

// define notes a definition. 0 stands for none whatever the file says, and a repetition says the same as the first.
func define[ID ~uint32, T any](known map[ID]T, id ID, def T) {
	if _, repeated := known[id]; id != 0 && !repeated {
		known[id] = def
	}
}

// defReader decodes a definition block.
type defReader struct {
	rowDecoder
	table  []string
	frames []Frame
}

// count is a number of things of at least one byte each.
func (r *defReader) count() uint64 {
	n := r.uint()
	if r.pos > len(r.in) || n > uint64(len(r.in)-r.pos) {
		r.pos = bad
		return 0
	}
	return n
}

func (r *defReader) tables() {
	n := r.count()
	r.table = make([]string, 1, n+1)
	all := string(r.in) // one allocation for all strings of the block
	for ; n > 0 && r.pos != bad; n-- {
		size := r.count()
		if r.pos == bad {
			return
		}
		r.table = append(r.table, all[r.pos:r.pos+int(size)])
		r.pos += int(size)
	}
	n = r.count()
	if n > uint64(len(r.in))/5 { // a frame has five numbers
		r.pos = bad
		return
	}
	r.frames = make([]Frame, 0, n)
	for ; n > 0 && r.pos != bad; n-- {
		f := Frame{File: r.text()}
		f.Line = int(min(r.uint(), 1<<31-1))
		f.Function, f.Qualname, f.Text = r.text(), r.text(), r.text()
		r.frames = append(r.frames, f)
	}
}

func (r *defReader) text() string {
	n := r.uint()
	if n >= uint64(len(r.table)) {
		r.pos = bad
		return ""
	}
	return r.table[n]
}

func (r *defReader) refs() frameRefs {
	n := r.count()
	list := make([]uint32, 0, n)
	for ; n > 0 && r.pos != bad; n-- {
		list = append(list, r.checked(r.uint()))
	}
	return frameRefs{r.frames, list}
}

// checked returns n if there is a frame of that number.
func (r *defReader) checked(n uint64) uint32 {
	if n == 0 || n > uint64(len(r.frames)) {
		r.pos = bad
	}
	return uint32(n)
}

func (d *packedDefs) stack(id StackID) []Frame {
	s, ok := d.madeStacks[id]
	if !ok {
		s = d.stacks[id].resolve()
		d.madeStacks[id] = s
	}
	return s
}

func (d *packedDefs) site(id SiteID) Site {
	p := d.sites[id]
	s := Site{Stack: p.stack, Coro: p.coro}
	if def := p.def.resolve(); len(def) > 0 {
		s.Def = def[0]
	}
	return s
}

func (d *packedDefs) chain(id ChainID) Chain {
	c, ok := d.madeChains[id]
	if !ok {
		p := d.chains[id]
		c = Chain{State: p.state, On: p.on, Frames: p.frames.resolve()}
		d.madeChains[id] = c
	}
	return c
}
