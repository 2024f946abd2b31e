package tracefile

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// rowDecoder reads the payload of an event frame.
type rowDecoder struct {
	rowState
	in      []byte
	pos     int
	left    uint32 // events
	stream  StreamID
	strings []string
	names   nameArena
	unknown int // events of a kind that this version does not know
}

// reset begins a frame. in must stay as it is until its events were read.
func (r *rowDecoder) reset(in []byte, f frameRef) {
	r.rowState = rowState{lanes: f.kind == frameLanes}
	r.in, r.pos, r.left, r.stream = in, 0, f.count, f.stream
	r.strings = r.strings[:0]
	r.time = r.int()
}

// bad is a position behind every frame: reading on from it yields zeros and the end.
const bad = math.MaxInt / 2

func (r *rowDecoder) byte() byte {
	if r.pos >= len(r.in) {
		r.pos = bad
		return 0
	}
	b := r.in[r.pos]
	r.pos++
	return b
}

func (r *rowDecoder) uint() uint64 {
	if uint(r.pos) >= uint(len(r.in)) {
		r.pos = bad
		return 0
	}
	b := r.in[r.pos]
	if b < 0x80 {
		r.pos++
		return uint64(b)
	}
	return r.long()
}

func (r *rowDecoder) long() uint64 {
	if p := r.pos; p+1 < len(r.in) && r.in[p+1] < 0x80 {
		r.pos += 2
		return uint64(r.in[p]&0x7f) | uint64(r.in[p+1])<<7
	}
	v, n := binary.Uvarint(r.in[r.pos:])
	if n <= 0 {
		r.pos = bad
		return 0
	}
	r.pos += n
	return v
}

func (r *rowDecoder) int() int64 { return unzigzag(r.uint()) }

// next fills e with the next event. It returns false at the end of the frame, or where it makes no sense: r.left then
// says how many events are lost.
func (r *rowDecoder) next(e *Event) bool {
	for r.left > 0 && r.pos < len(r.in) {
		tag := r.in[r.pos]
		r.pos++
		op := tag & 15
		if op == opContext {
			r.context(tag >> 4)
			continue
		}
		r.time += r.elapsed(tag >> 4)
		*e = Event{Time: r.time, Stream: r.stream, Thread: r.thread}
		if r.lanes && r.lane(op, e) {
			op = opContext // that was all
		}
		switch op {
		case opStepNext:
			e.Kind, e.Task = StepBegun, r.task+1
			r.stepped(e.Task)
		case opStepSame:
			e.Kind, e.Task = StepBegun, r.task
			r.stepped(e.Task)
		case opStepAfter:
			e.Kind, e.Task = StepBegun, r.after[r.task%successors]
			r.stepped(e.Task)
		case opStep:
			e.Kind, e.Task = StepBegun, TaskID(int64(r.task)+r.int())
			r.stepped(e.Task)
		case opCallback:
			e.Kind = CallbackBegun
		case opWaitBegun:
			e.Kind, e.Loop = IOWaitBegun, *r.loop()
		case opWaitEnded:
			e.Kind, e.Loop = IOWaitEnded, *r.loop()
		case opSpawn:
			r.site = SiteID(int64(r.site) + r.int())
			fallthrough
		case opSpawnSame:
			r.born++
			e.Kind, e.Task, e.Loop, e.Site = TaskSpawned, r.born, *r.loop(), r.site
		case opEndNumbered:
			r.offset += uint64(r.int())
			fallthrough
		case opEndSame:
			e.Kind, e.Task, e.Number = TaskEnded, r.task, OutcomeReturned
			e.Name = r.names.numbered(uint64(r.task) + r.offset)
		case opEnd:
			r.end(e)
		case opWaiting:
			e.Kind, e.Task = TaskWaiting, TaskID(int64(r.task)+r.int())
			r.chain = ChainID(int64(r.chain) + r.int())
			e.Chain = r.chain
		case opCancel:
			e.Kind, e.Task = CancelRequested, TaskID(int64(r.task)+r.int())
			e.Stack = StackID(r.uint())
		case opRare:
			if !r.rare(e) {
				r.left--
				r.unknown++
				continue
			}
		}
		if r.pos == bad {
			return false
		}
		r.left--
		return true
	}
	return false
}

// elapsed reads the time since the row before.
func (r *rowDecoder) elapsed(class byte) int64 {
	s := &spans[class&15]
	if r.pos+4 <= len(r.in) {
		v := binary.LittleEndian.Uint32(r.in[r.pos:]) & s.mask
		r.pos += int(s.size)
		return int64(s.base) + int64(v)
	}
	v := int64(s.base)
	for i := range s.size {
		v += int64(r.byte()) << (8 * i)
	}
	return v
}

// context reads a row that is no event.
func (r *rowDecoder) context(flags byte) {
	if flags&contextThread != 0 {
		r.thread = ThreadID(r.uint())
	}
	if flags&contextLoop != 0 {
		*r.loop() = LoopID(r.uint())
	}
	if flags&contextBorn != 0 {
		r.born = TaskID(r.uint())
	}
	if flags&contextTime != 0 {
		r.time += r.int()
	}
}

func (r *rowDecoder) end(e *Event) {
	flags := r.byte()
	e.Kind, e.Number = TaskEnded, uint64(flags&endOutcome)
	if e.Number == 0 {
		e.Number = r.uint()
	}
	if flags&endTask != 0 {
		r.task = TaskID(int64(r.task) + r.int())
	}
	e.Task = r.task
	switch flags & endName {
	case nameOther:
		r.offset += uint64(r.int())
		fallthrough
	case nameSame:
		e.Name = r.names.numbered(uint64(e.Task) + r.offset)
	case nameText:
		e.Name = r.string()
	}
}

// rare reports false for an event of a kind that it does not know.
func (r *rowDecoder) rare(e *Event) bool {
	kind, ok := ParseKind(r.string())
	e.Kind = kind
	flags := r.byte()
	if flags&rareTask != 0 {
		e.Task = TaskID(r.uint())
	}
	if flags&rareLoop != 0 {
		e.Loop = LoopID(r.uint())
	}
	if flags&rareSite != 0 {
		e.Site = SiteID(r.uint())
	}
	if flags&rareStack != 0 {
		e.Stack = StackID(r.uint())
	}
	if flags&rareChain != 0 {
		e.Chain = ChainID(r.uint())
	}
	if flags&rareNumber != 0 {
		e.Number = r.uint()
	}
	if flags&rareName != 0 {
		e.Name = r.string()
	}
	if flags&rareAttrs != 0 {
		n := r.uint()
		e.Attrs = make(Attrs, 0, min(n, 16))
		for ; n > 0 && r.pos < len(r.in); n-- {
			key := r.string()
			e.Attrs = append(e.Attrs, Attr{key, r.string()})
		}
	}
	return ok
}

func (r *rowDecoder) string() string {
	if n := r.uint(); n > 0 {
		if n > uint64(len(r.strings)) {
			r.pos = bad
			return ""
		}
		return r.strings[n-1]
	}
	n := r.uint()
	if r.pos > len(r.in) || n > uint64(len(r.in)-r.pos) {
		r.pos = bad
		return ""
	}
	s := string(r.in[r.pos : r.pos+int(n)])
	r.pos += int(n)
	r.strings = append(r.strings, s)
	return s
}

// nameArena makes many short strings with few allocations. Its pieces are small, because whoever keeps one string keeps
// the piece.
type nameArena struct{ b strings.Builder }

const arenaPiece = 512

func (a *nameArena) numbered(n uint64) string {
	var digits [24]byte
	d := strconv.AppendUint(digits[:0], n, 10)
	if a.b.Cap()-a.b.Len() < len(numberedPrefix)+len(d) {
		a.b.Reset()
		a.b.Grow(arenaPiece)
	}
	at := a.b.Len()
	a.b.WriteString(numberedPrefix)
	a.b.Write(d)
	return a.b.String()[at:]
}
