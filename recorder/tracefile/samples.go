package tracefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// samplesSuffix ends the name of the file in which the launcher puts what it saw of a process from outside.
const samplesSuffix = ".samples"

// sampleStacks is added to the stack ids of a samples file, which are counted apart from those of the recorder.
const sampleStacks = 1 << 31

// SampleWriter writes the samples file of one process. It is created with the first line.
type SampleWriter struct {
	path    string
	file    *os.File
	ordinal uint64
	codes   map[Frame]uint64
	stacks  map[string]uint64
}

// NewSampleWriter returns a writer for a token of a spool directory.
func NewSampleWriter(dir, token string) *SampleWriter {
	return &SampleWriter{path: filepath.Join(dir, token+samplesSuffix), codes: map[Frame]uint64{}, stacks: map[string]uint64{}}
}

// Sample writes where a thread was at a time, innermost frame first.
func (w *SampleWriter) Sample(t int64, thread ThreadID, stack []Frame, attrs Attrs) error {
	var b []byte
	var places []byte
	for i, f := range stack {
		key := Frame{File: f.File, Function: f.Function, Qualname: f.Qualname}
		id, ok := w.codes[key]
		if !ok {
			id = uint64(len(w.codes) + 1)
			w.codes[key] = id
			b = fmt.Appendf(b, "=code %d file=%s line=0 function=%s qualname=%s\n", id,
				escape.Append(nil, f.File, ""), escape.Append(nil, f.Function, ""), escape.Append(nil, f.Qualname, ""))
		}
		if i > 0 {
			places = append(places, ',')
		}
		places = strconv.AppendUint(places, id, 10)
		places = append(places, ':')
		places = strconv.AppendInt(places, int64(f.Line), 10)
	}
	if len(places) == 0 {
		places = []byte("-")
	}
	id, ok := w.stacks[string(places)]
	if !ok {
		id = uint64(len(w.stacks) + 1)
		w.stacks[string(places)] = id
		b = fmt.Appendf(b, "=stack %d %s\n", id, places)
	}
	attrs = append(Attrs{{"thread", strconv.Itoa(int(thread))}, {"stack", strconv.FormatUint(id, 10)}}, attrs...)
	return w.event(b, t, StepSampled, attrs)
}

// Note writes why something could not be sampled.
func (w *SampleWriter) Note(t int64, text string) error {
	return w.event(nil, t, NoteAdded, Attrs{{"text", text}})
}

func (w *SampleWriter) event(b []byte, t int64, kind Kind, attrs Attrs) error {
	w.ordinal++
	b = fmt.Appendf(b, "%d %d %s", w.ordinal, t, kind)
	for _, a := range attrs {
		b = append(b, ' ')
		b = append(b, a.Key...)
		b = append(b, '=')
		b = escape.Append(b, a.Value, "")
	}
	b = append(b, '\n')
	if w.file == nil {
		f, err := os.OpenFile(w.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return fmt.Errorf("write samples: %w", err)
		}
		w.file = f
	}
	if _, err := w.file.Write(b); err != nil {
		return fmt.Errorf("write samples: %w", err)
	}
	return nil
}

// Close closes the file.
func (w *SampleWriter) Close() error {
	if w.file == nil {
		return nil
	}
	return w.file.Close()
}

// sampleReader reads a samples file in step with the events of the recorder.
type sampleReader struct {
	facts *factReader
}

// openSamples returns nil if there is no samples file.
func openSamples(dir string, p *spoolProcess) *sampleReader {
	scope := newDefs(nil, p.defs.text)
	r, err := openFacts(filepath.Join(dir, p.token+samplesSuffix), p.token, scope)
	if err != nil {
		return nil
	}
	p.defs.samples = scope
	return &sampleReader{r}
}

// take fills e with the next sample if it is older than an event of time t.
func (r *sampleReader) take(t int64, e *Event) bool {
	for {
		for len(r.facts.waiting) == 0 {
			if !r.facts.advance() {
				return false
			}
		}
		f := r.facts.waiting[0]
		if f.time >= t {
			return false
		}
		r.facts.take(f.ordinal)
		if f.kind != StepSampled && f.kind != NoteAdded {
			r.facts.passed++
			continue
		}
		decodeFact(f, e, func(uint64) TaskID { return 0 })
		if e.Stack != 0 {
			e.Stack |= sampleStacks
		}
		return true
	}
}
