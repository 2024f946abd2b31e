package tracefile

import (
	"bufio"
	"errors"
	"os"
	"strconv"
	"strings"
)

// fact is a rare event as it stands in a facts file. The addresses in it mean something only where it happened, so it is
// decoded no earlier.
type fact struct {
	ordinal uint64
	time    int64
	kind    Kind
	rest    string
}

// Facts that are no events.
const (
	taskNamed   = kindCount + iota // an argument of the following task_ended, as slots 10 and 11 are
	unknownFact                    // of a kind from the future
)

// tornEnd ends a line that the recorder could not write to its end.
const tornEnd = "\x18"

// factReader reads a facts file as a stream, only as far as somebody needs it: definitions go to defs, rare events wait
// until the slot comes that says where they happened.
type factReader struct {
	name    string
	file    *os.File
	in      *bufio.Reader
	partial []byte // of a line whose end is not in the file yet
	offset  int64
	defs    *defs
	waiting []fact // in the order of the file, which is that of the ordinals
	last    uint64 // the highest ordinal read
	passed  int    // lines that were not understood
}

func openFacts(path, name string, d *defs) (*factReader, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	return &factReader{name: name, file: f, in: bufio.NewReaderSize(f, 64<<10), defs: d}, nil
}

// advance reads one line. It reports false at the (present) end of the file.
func (r *factReader) advance() bool {
	part, err := r.in.ReadSlice('\n')
	if err != nil {
		r.partial = append(r.partial, part...)
		return errors.Is(err, bufio.ErrBufferFull)
	}
	if len(r.partial) > 0 {
		part = append(r.partial, part...)
		r.partial = r.partial[:0]
	}
	r.offset += int64(len(part))
	line := string(part[:len(part)-1])
	switch {
	case line == "", strings.HasSuffix(line, tornEnd): // the gap in the ordinals tells of the latter
	case line[0] == '=':
		if !r.defs.add(line) {
			r.passed++
		}
	default:
		r.event(line)
	}
	return true
}

func (r *factReader) event(line string) {
	ordinal, rest := cutWord(line)
	at, rest := cutWord(rest)
	kind, rest := cutWord(rest)
	n, err := strconv.ParseUint(ordinal, 10, 64)
	t, err2 := strconv.ParseInt(at, 10, 64)
	k, ok := ParseKind(kind)
	if kind == "task_named" {
		k, ok = taskNamed, true
	}
	if err != nil || err2 != nil {
		r.passed++
		return
	}
	if !ok {
		r.passed++
		k = unknownFact
	}
	r.last = max(r.last, n)
	if k == ProcessForked {
		r.defs.forks[field(rest, "fork")] = r.defs.highest
	}
	r.waiting = append(r.waiting, fact{n, t, k, rest})
}

// readTo reads on to the fact with an ordinal. It reports false if there is none.
func (r *factReader) readTo(ordinal uint64) bool {
	for r.last < ordinal {
		if !r.advance() {
			return false
		}
	}
	return true
}

// peek returns the ordinal of what take would return.
func (r *factReader) peek(upTo uint64) (uint64, bool) {
	if len(r.waiting) == 0 || r.waiting[0].ordinal > upTo {
		return 0, false
	}
	return r.waiting[0].ordinal, true
}

// take returns the next fact if it is one of those up to an ordinal.
func (r *factReader) take(upTo uint64) (fact, bool) {
	if len(r.waiting) == 0 || r.waiting[0].ordinal > upTo {
		return fact{}, false
	}
	f := r.waiting[0]
	r.waiting[0] = fact{}
	if r.waiting = r.waiting[1:]; len(r.waiting) == 0 {
		r.waiting = nil
	}
	return f, true
}

// until reads on until ok.
func (r *factReader) until(ok func() bool) bool {
	for !ok() {
		if !r.advance() {
			return false
		}
	}
	return true
}

// drain reads to the end and says where the file breaks off, -1 if it does not.
func (r *factReader) drain() int64 {
	for r.advance() {
	}
	if len(r.partial) > 0 {
		return r.offset
	}
	return -1
}

func (r *factReader) close() {
	if r.file != nil {
		r.file.Close()
		r.file = nil
	}
}

// decodeFact fills e from the words of a fact. addr turns a task address into a TaskID.
func decodeFact(f fact, e *Event, addr func(uint64) TaskID) {
	e.Time, e.Kind = f.time, f.kind
	for rest := f.rest; rest != ""; {
		var word string
		word, rest = cutWord(rest)
		key, raw, ok := strings.Cut(word, "=")
		if !ok {
			continue
		}
		value := factValue(key, raw, addr)
		if !setField(e, key, value) {
			e.Attrs = append(e.Attrs, Attr{key, value})
		}
	}
}

// setField sets the field of an event that has a key of its own.
func setField(e *Event, key, value string) bool {
	switch key {
	case "thread":
		e.Thread = ThreadID(parseID(value))
	case "task":
		e.Task = TaskID(parseID(value))
	case "loop":
		e.Loop = LoopID(parseID(value))
	case "site":
		e.Site = SiteID(parseID(value))
	case "stack":
		e.Stack = StackID(parseID(value))
	case "chain":
		e.Chain = ChainID(parseID(value))
	case "number":
		e.Number, _ = strconv.ParseUint(value, 10, 64)
	case "name":
		e.Name = value
	default:
		return false
	}
	return true
}

func parseID(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// factValue decodes a value. Elements of the form @HEX are addresses; a JSON list and a text are taken as they are.
func factValue(key, raw string, addr func(uint64) TaskID) string {
	if !strings.Contains(raw, "@") || key == "name" || key == "text" || key == "message" || raw[0] == '[' {
		return unescapeValue(raw)
	}
	var b []byte
	for i, part := range strings.Split(raw, ",") {
		if i > 0 {
			b = append(b, ',')
		}
		if hex, ok := strings.CutPrefix(part, "@"); ok {
			if a, err := strconv.ParseUint(strings.TrimPrefix(hex, "0x"), 16, 64); err == nil {
				b = strconv.AppendUint(b, uint64(addr(a)), 10)
				continue
			}
		}
		b = append(b, unescapeValue(part)...)
	}
	return string(b)
}
