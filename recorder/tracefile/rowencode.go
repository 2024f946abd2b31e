package tracefile

import "encoding/binary"

// rowEncoder writes events as the payload of a frame.
type rowEncoder struct {
	rowState
	buf     []byte
	count   uint32
	strings map[string]uint64
}

// reset begins a frame.
func (r *rowEncoder) reset() {
	r.rowState = rowState{lanes: r.lanes}
	r.buf, r.count = r.buf[:0], 0
	r.strings = map[string]uint64{}
}

func (r *rowEncoder) uint(v uint64) { r.buf = binary.AppendUvarint(r.buf, v) }
func (r *rowEncoder) int(v int64)   { r.uint(zigzag(v)) }

// op writes the op and the time of a row.
func (r *rowEncoder) op(op byte, dt uint64) {
	class := 0
	for class < len(spans)-1 && dt >= uint64(spans[class].base)+1<<(8*spans[class].size) {
		class++
	}
	r.buf = append(r.buf, op|byte(class)<<4)
	dt -= uint64(spans[class].base)
	for range spans[class].size {
		r.buf = append(r.buf, byte(dt))
		dt >>= 8
	}
}

// add writes one event.
func (r *rowEncoder) add(e *Event) {
	if r.count == 0 {
		r.int(e.Time)
		r.time = e.Time
	}
	r.count++
	if e.Thread != r.thread {
		r.buf = append(r.buf, opContext|contextThread<<4)
		r.uint(uint64(e.Thread))
		r.thread = e.Thread
	}
	dt := uint64(e.Time) - uint64(r.time) // a difference is right even where it overflows
	if dt >= longSpan {                   // or backwards
		r.buf = append(r.buf, opContext|contextTime<<4)
		r.int(int64(dt))
		dt = 0
	}
	r.time = e.Time
	if r.lanes && r.lane(e, dt) {
		return
	}
	if !isHot(e) || r.lanes && (e.Kind == CallbackBegun || e.Kind == IOWaitBegun || e.Kind == IOWaitEnded) {
		r.rare(e, dt)
		return
	}
	switch e.Kind {
	case StepBegun:
		r.step(e, dt)
	case CallbackBegun:
		r.op(opCallback, dt)
	case IOWaitBegun:
		r.setLoop(e.Loop)
		r.op(opWaitBegun, dt)
	case IOWaitEnded:
		r.setLoop(e.Loop)
		r.op(opWaitEnded, dt)
	case TaskSpawned:
		r.spawn(e, dt)
	case TaskEnded:
		r.end(e, dt)
	case TaskWaiting:
		r.op(opWaiting, dt)
		r.int(int64(e.Task) - int64(r.task))
		r.int(int64(e.Chain) - int64(r.chain))
		r.chain = e.Chain
	case CancelRequested:
		r.op(opCancel, dt)
		r.int(int64(e.Task) - int64(r.task))
		r.uint(uint64(e.Stack))
	}
}

// isHot reports whether an event has no other fields than the short form of its kind can hold.
func isHot(e *Event) bool {
	h := Event{Time: e.Time, Kind: e.Kind, Stream: e.Stream, Thread: e.Thread}
	switch e.Kind {
	case StepBegun:
		h.Task = e.Task
	case CallbackBegun:
	case IOWaitBegun, IOWaitEnded:
		h.Loop = e.Loop
	case TaskSpawned:
		h.Task, h.Loop, h.Site = e.Task, e.Loop, e.Site
	case TaskEnded:
		h.Task, h.Number, h.Name = e.Task, e.Number, e.Name
	case TaskWaiting:
		h.Task, h.Chain = e.Task, e.Chain
	case CancelRequested:
		h.Task, h.Stack = e.Task, e.Stack
	default:
		return false
	}
	return e.Attrs == nil && e.Loop == h.Loop && e.Task == h.Task && e.Site == h.Site && e.Stack == h.Stack &&
		e.Chain == h.Chain && e.Number == h.Number && e.Name == h.Name
}

func (r *rowEncoder) setLoop(id LoopID) {
	if l := r.loop(); *l != id {
		r.buf = append(r.buf, opContext|contextLoop<<4)
		r.uint(uint64(id))
		*l = id
	}
}

func (r *rowEncoder) step(e *Event, dt uint64) {
	switch e.Task {
	case r.task + 1:
		r.op(opStepNext, dt)
	case r.task:
		r.op(opStepSame, dt)
	case r.after[r.task%successors]:
		r.op(opStepAfter, dt)
	default:
		r.op(opStep, dt)
		r.int(int64(e.Task) - int64(r.task))
	}
	r.stepped(e.Task)
}

// nextBorn makes a task the next new one.
func (r *rowEncoder) nextBorn(t TaskID) {
	if t != r.born+1 {
		r.buf = append(r.buf, opContext|contextBorn<<4)
		r.uint(uint64(t - 1))
	}
	r.born = t
}

func (r *rowEncoder) spawn(e *Event, dt uint64) {
	r.nextBorn(e.Task)
	r.setLoop(e.Loop)
	if e.Site == r.site {
		r.op(opSpawnSame, dt)
		return
	}
	r.op(opSpawn, dt)
	r.int(int64(e.Site) - int64(r.site))
	r.site = e.Site
}

func (r *rowEncoder) end(e *Event, dt uint64) {
	flags, offset := byte(nameNone), r.offset
	if n, ok := numberedName(e.Name); ok {
		flags = nameSame
		if offset = n - uint64(e.Task); offset != r.offset {
			flags = nameOther
		}
	} else if e.Name != "" {
		flags = nameText
	}
	if !r.lanes && e.Task == r.task && e.Number == OutcomeReturned && flags == nameSame {
		r.op(opEndSame, dt)
		return
	}
	if e.Task == r.task && e.Number == OutcomeReturned && flags == nameOther {
		r.op(opEndNumbered, dt)
		r.int(int64(offset - r.offset))
		r.offset = offset
		return
	}
	if e.Number > 0 && e.Number <= endOutcome {
		flags |= byte(e.Number)
	}
	if e.Task != r.task {
		flags |= endTask
	}
	r.op(opEnd, dt)
	r.buf = append(r.buf, flags)
	if flags&endOutcome == 0 {
		r.uint(e.Number)
	}
	if flags&endTask != 0 {
		r.int(int64(e.Task) - int64(r.task))
		r.task = e.Task
	}
	switch flags & endName {
	case nameOther:
		r.int(int64(offset - r.offset))
		r.offset = offset
	case nameText:
		r.string(e.Name)
	}
}

// rare writes any event: the name of its kind, flags, the fields that are not zero.
func (r *rowEncoder) rare(e *Event, dt uint64) {
	r.op(opRare, dt)
	r.string(e.Kind.String())
	at := len(r.buf)
	r.buf = append(r.buf, 0)
	flags := byte(0)
	for i, v := range [...]uint64{uint64(e.Task), uint64(e.Loop), uint64(e.Site), uint64(e.Stack), uint64(e.Chain), e.Number} {
		if v != 0 {
			flags |= 1 << i
			r.uint(v)
		}
	}
	if e.Name != "" {
		flags |= rareName
		r.string(e.Name)
	}
	if e.Attrs != nil {
		flags |= rareAttrs
		r.uint(uint64(len(e.Attrs)))
		for _, a := range e.Attrs {
			r.string(a.Key)
			r.string(a.Value)
		}
	}
	r.buf[at] = flags
}

// string writes a string: a reference to one that the frame has already, or 0, its length and its bytes.
func (r *rowEncoder) string(s string) {
	if n, ok := r.strings[s]; ok {
		r.uint(n)
		return
	}
	r.strings[s] = uint64(len(r.strings) + 1)
	r.uint(0)
	r.uint(uint64(len(s)))
	r.buf = append(r.buf, s...)
}
