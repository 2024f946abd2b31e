package perfetto

import (
	"bufio"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of the fields that are written, from Perfetto's protos/perfetto/trace. Of TrackEvent only those above its line
// "NOT part of the stable public API".
const (
	tracePacket = 1

	packetClockSnapshot = 6
	packetTimestamp     = 8
	packetSequence      = 10
	packetTrackEvent    = 11
	packetInterned      = 12
	packetFlags         = 13
	packetDefaults      = 59
	packetTrack         = 60

	defaultsClock  = 58
	snapshotClocks = 1
	snapshotMain   = 2
	clockID        = 1
	clockTime      = 2

	internedCategories = 1
	internedNames      = 2
	internedKeys       = 3
	internedID         = 1
	internedText       = 2

	trackUUID     = 1
	trackName     = 2
	trackProcess  = 3
	trackParent   = 5
	trackOrdering = 11
	trackRank     = 12
	trackMerging  = 15
	processPID    = 1
	processName   = 6

	eventCategory    = 3
	eventAnnotation  = 4
	eventType        = 9
	eventNameID      = 10
	eventTrack       = 11
	eventName        = 23
	eventFlow        = 47
	eventCorrelation = 52
	eventStack       = 55

	annotationKey    = 1
	annotationNumber = 3
	annotationText   = 6
	stackFrame       = 1
	frameFunction    = 1
	frameFile        = 2
	frameLine        = 3
)

// Values of fields.
const (
	sequence      = 1
	stateCleared  = 1
	needsState    = 2
	sliceBegin    = 1
	sliceEnd      = 2
	instant       = 3
	clockRealtime = 1
	clockMonotone = 3
	chronological = 2 // order of child tracks
	explicit      = 3
	neverMerge    = 2 // tracks of the same name
)

// namesKept is how many names of slices are told apart by a number; others are written where they are used.
const namesKept = 1 << 16

// writer writes packets one after the other. Its buffers hold the one that is being made.
type writer struct {
	out    *bufio.Writer
	err    error
	names  map[string]uint64
	packet []byte
	event  []byte // the part of packet that is nested in it
	define []byte // likewise, the names that it defines
	head   []byte
}

func newWriter(w io.Writer) *writer {
	return &writer{out: bufio.NewWriterSize(w, 1<<16), names: map[string]uint64{}}
}

func number(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func text(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func nested(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

// flush writes the packet that was made.
func (w *writer) flush() {
	w.head = protowire.AppendVarint(protowire.AppendTag(w.head[:0], tracePacket, protowire.BytesType), uint64(len(w.packet)))
	for _, part := range [][]byte{w.head, w.packet} {
		if w.err == nil {
			_, w.err = w.out.Write(part)
		}
	}
}

func (w *writer) finish() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// begin starts a packet that needs what came before it.
func (w *writer) begin() {
	w.packet = number(w.packet[:0], packetSequence, sequence)
	w.packet = number(w.packet, packetFlags, needsState)
}

// track writes a description of a track.
func (w *writer) track(fields []byte) {
	w.begin()
	w.packet = nested(w.packet, packetTrack, fields)
	w.flush()
}

// start begins an event; what event gets is added to it until send.
func (w *writer) start(kind, track uint64, category uint64, name string) {
	w.define = w.define[:0]
	w.event = number(w.event[:0], eventType, kind)
	w.event = number(w.event, eventTrack, track)
	if category != 0 {
		w.event = number(w.event, eventCategory, category)
	}
	if name != "" {
		w.named(name)
	}
}

func (w *writer) named(name string) {
	id, known := w.names[name]
	if !known && len(w.names) >= namesKept {
		w.event = text(w.event, eventName, name)
		return
	}
	if !known {
		id = uint64(len(w.names) + 1)
		w.names[name] = id
		w.define = nested(w.define, internedNames, definition(id, name))
	}
	w.event = number(w.event, eventNameID, id)
}

func definition(id uint64, name string) []byte {
	return text(number(nil, internedID, id), internedText, name)
}

// send writes the event that was started.
func (w *writer) send(time uint64) {
	w.begin()
	w.packet = number(w.packet, packetTimestamp, time)
	if len(w.define) > 0 {
		w.packet = nested(w.packet, packetInterned, w.define)
	}
	w.packet = nested(w.packet, packetTrackEvent, w.event)
	w.flush()
}
