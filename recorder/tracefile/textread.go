package tracefile

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
	"strings"
)

const textMagic = "looptrace "

// inlineBase is where the ids begin that the reader gives to stacks, sites and chains written inside an event.
const inlineBase = 1_000_000

// TextReader is the Source that reads a text twin.
type TextReader struct {
	path   string
	in     *bufio.Reader
	offset int64
	line   int
	run    RunInfo
	ahead  string // the first line after the head; "" if it was taken
	event  Event
	stream StreamID
	defs   textDefs
	health healthLog
	failed error
}

// textDefs are the definitions of a stream.
type textDefs struct {
	stacks map[StackID][]Frame
	sites  map[SiteID]Site
	chains map[ChainID]Chain
	inline map[string]uint32 // key=value words → id
	last   uint32            // given to inline ones
}

func newTextDefs() textDefs {
	return textDefs{map[StackID][]Frame{}, map[SiteID]Site{}, map[ChainID]Chain{}, map[string]uint32{}, inlineBase}
}

// looksLikeText reports whether a file that begins like this is a text twin, perhaps after comments.
func looksLikeText(head []byte) bool {
	for {
		line, rest, more := bytes.Cut(head, []byte("\n"))
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte(textMagic)) && len(bytes.Fields(line)) == 2
		}
		if !more {
			return false
		}
		head = rest
	}
}

// ReadText reads a text twin from anywhere, as a golden trace of a test.
func ReadText(r io.Reader) (*TextReader, error) { return newTextReader("", r) }

func newTextReader(path string, r io.Reader) (*TextReader, error) {
	t := &TextReader{path: path, in: bufio.NewReaderSize(r, 64<<10), stream: 1, defs: newTextDefs()}
	line, err := t.read()
	if err == io.EOF {
		return nil, t.fail(ErrEmpty, "")
	}
	if err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(line, textMagic)
	n, err := strconv.Atoi(strings.TrimSpace(version))
	if !ok || err != nil || n < 1 {
		return nil, t.fail(ErrNotTrace, "")
	}
	if n > textVersion {
		return nil, &VersionError{Path: path, Found: n, Supported: textVersion}
	}
	for {
		if t.ahead, err = t.read(); err == io.EOF {
			return t, nil
		} else if err != nil {
			return nil, err
		}
		rest, ok := strings.CutPrefix(t.ahead, "=run ")
		if !ok {
			return t, nil
		}
		parseRun(rest, &t.run)
		t.ahead = ""
	}
}

func (t *TextReader) fail(err error, reason string) error {
	return &FormatError{Path: t.path, Offset: t.offset, Line: t.line, Reason: reason, Err: err}
}

// read returns the next line that is no comment and not blank.
func (t *TextReader) read() (string, error) {
	if line := t.ahead; line != "" {
		t.ahead = ""
		return line, nil
	}
	for {
		line, err := t.in.ReadString('\n')
		if err == io.EOF && line != "" && t.line > 0 {
			// Hand-written files may lack the last end of line; a cut one may end in half a number. The two cannot be
			// told apart, so the line is dropped and the loss stated.
			t.health.note("line %d: offset %d: the last line has no end: it was dropped", t.line+1, t.offset)
			t.health.Truncated = true
			return "", io.EOF
		}
		if err != nil && line == "" {
			return "", err
		}
		t.line++
		t.offset += int64(len(line))
		if line = strings.Trim(line, " \t\r\n"); line != "" && line[0] != '#' {
			return line, nil
		}
	}
}

// Next returns the next event. A line that is none is a *FormatError: text is written by hand, and mistakes in it are to
// be seen.
func (t *TextReader) Next() (*Event, error) {
	for t.failed == nil {
		line, err := t.read()
		if err != nil {
			t.failed = err
			break
		}
		if line[0] == '=' {
			if reason := t.directive(line); reason != "" {
				t.failed = t.fail(ErrSyntax, reason)
			}
			continue
		}
		reason := t.parseEvent(line)
		if reason != "" {
			t.failed = t.fail(ErrSyntax, reason)
			break
		}
		t.health.observe(&t.event)
		return &t.event, nil
	}
	return nil, t.failed
}

// directive takes a line that begins with =; it returns what is wrong with it.
func (t *TextReader) directive(line string) string {
	kind, rest := cutWord(line)
	switch kind {
	case "=stream":
		n := parseID(rest)
		if n == 0 {
			return "=stream needs a number"
		}
		t.stream, t.defs = StreamID(n), newTextDefs()
	case "=health":
		dropped, _ := strconv.ParseUint(field(rest, "dropped"), 10, 64)
		t.health.Dropped = max(t.health.Dropped, dropped)
		t.health.merge(field(rest, "truncated") == "1", nil)
	case "=note":
		t.health.note("%s", field(rest, "text"))
	case "=stack", "=site", "=chain":
		word, rest := cutWord(rest)
		id := parseID(word)
		if id == 0 {
			return kind + " needs a number"
		}
		if !t.defs.add(kind, id, rest) {
			return "frames are file:line:function[:qualname[:text]], with commas between them"
		}
	default:
		return "unknown directive " + kind
	}
	return ""
}

func (d *textDefs) add(kind string, id uint32, rest string) bool {
	switch kind {
	case "=stack":
		frames, ok := parseFrames(rest)
		d.stacks[StackID(id)] = frames
		return ok
	case "=site":
		s := Site{Stack: StackID(fieldID(rest, "stack")), Coro: field(rest, "coro")}
		ok := true
		if def := rawField(rest, "def"); def != "" {
			s.Def, ok = parseFrame(def)
		}
		d.sites[SiteID(id)] = s
		return ok
	default:
		frames, ok := parseFrames(lastPlainWord(rest))
		d.chains[ChainID(id)] = Chain{State: field(rest, "state"), On: field(rest, "on"), Frames: frames}
		return ok
	}
}

// rawField is field without unescaping.
func rawField(line, key string) string {
	for line != "" {
		var word string
		word, line = cutWord(line)
		if k, v, ok := strings.Cut(word, "="); ok && k == key {
			return v
		}
	}
	return ""
}

// parseEvent takes TIME KIND key=value…; it returns what is wrong.
func (t *TextReader) parseEvent(line string) string {
	at, rest := cutWord(line)
	name, rest := cutWord(rest)
	ns, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return "an event begins with its time in ns"
	}
	kind, ok := ParseKind(name)
	if !ok {
		return "unknown kind " + name
	}
	t.event = Event{Time: ns + t.run.StartedNS, Kind: kind, Stream: t.stream}
	in := inlineIn(kind, rest)
	for rest != "" {
		var word string
		word, rest = cutWord(rest)
		key, raw, ok := strings.Cut(word, "=")
		if !ok {
			return "not key=value: " + word
		}
		if in.take(key, raw) {
			continue
		}
		if reason := t.field(unescapeValue(key), raw); reason != "" {
			return reason
		}
	}
	return t.inline(in)
}

// field sets a field or adds an attribute.
func (t *TextReader) field(key, raw string) string {
	value := unescapeValue(raw)
	switch {
	case (key == "stack" || stackAttr(key)) && strings.Contains(raw, ":"):
		id, ok := t.inlineStack(raw)
		if !ok {
			return key + " is neither an id nor frames"
		}
		value = strconv.Itoa(int(id))
	case !isNumber(value) && isNumericField(key):
		return key + " is not a number"
	}
	if !setField(&t.event, key, value) {
		t.event.Attrs = append(t.event.Attrs, Attr{key, value})
	}
	return ""
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func isNumericField(key string) bool {
	switch key {
	case "thread", "task", "loop", "site", "stack", "chain", "number":
		return true
	}
	return false
}

// Stack returns a stack of the current stream.
func (t *TextReader) Stack(id StackID) []Frame { return t.defs.stacks[id] }

// Site returns a spawn site of the current stream.
func (t *TextReader) Site(id SiteID) Site { return t.defs.sites[id] }

// Chain returns an await chain of the current stream.
func (t *TextReader) Chain(id ChainID) Chain { return t.defs.chains[id] }

// Run returns what the =run line says.
func (t *TextReader) Run() RunInfo { return t.run }

// Health says what is missing.
func (t *TextReader) Health() Health { return t.health.get() }
