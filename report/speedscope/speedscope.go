// Package speedscope writes what the loops of a run spent their time on, in the file format of speedscope.app: one profile a
// loop, with a frame for each step. A frame is a coroutine, so that the left-heavy view adds up what each one took.
package speedscope

import (
	"bufio"
	"io"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/internal/spans"
)

const schema = "https://www.speedscope.app/file-format-schema.json"

// Render writes the profiles. Times are ns since the run's start. Errors are those of w.
func Render(w io.Writer, res *analyze.Result) error {
	p := &profiles{out: bufio.NewWriterSize(w, 1<<16), layout: spans.New(res.Run), known: map[frame]int{}, sites: map[*analyze.Site]int{}}
	p.raw(`{"$schema":"` + schema + `","exporter":`)
	p.text("looptrace " + res.Tool)
	p.raw(`,"name":`)
	p.text(p.layout.RunName())
	p.raw(",\n\"profiles\":[")
	for _, lane := range p.layout.Lanes {
		p.profile(lane)
	}
	if p.written == 0 { // readers take a file without any for damaged
		p.raw("\n" + `{"type":"evented","name":"no loop ran","unit":"nanoseconds","startValue":0,"endValue":0,"events":[]}`)
	}
	p.raw("],\n\"shared\":{\"frames\":[")
	p.writeFrames()
	p.raw("]}}\n")
	if p.err != nil {
		return p.err
	}
	return p.out.Flush()
}

type profiles struct {
	out     *bufio.Writer
	err     error
	layout  *spans.Layout
	written int
	sites   map[*analyze.Site]int // the numbers of their frames
	known   map[frame]int
	frames  []frame
	buf     []byte
}

// frame is a coroutine and where it is defined.
type frame struct {
	name, file string
	line       int
}

func (p *profiles) raw(s string) {
	if p.err == nil {
		_, p.err = p.out.WriteString(s)
	}
}

func (p *profiles) text(s string) { p.raw(string(safejson.AppendString(nil, s))) }

// profile writes what a loop ran; nothing if nothing is known of that.
func (p *profiles) profile(lane *spans.Lane) {
	first, last, begun := int64(0), int64(0), false
	for span := range p.layout.LaneSteps(lane) {
		if p.err != nil {
			return
		}
		begin := max(span.BeginNS, 0)
		end := max(span.EndNS, begin)
		if span.EndNS == 0 {
			end = max(p.layout.EndNS, begin)
		}
		if !begun {
			begun, first = true, begin
			p.head(lane)
		} else {
			p.raw(",")
		}
		number := p.frame(p.layout.Step(span.Step))
		p.event('O', number, begin)
		p.raw(",")
		p.event('C', number, end)
		last = end
	}
	if begun {
		p.raw("\n" + `],"startValue":` + strconv.FormatInt(first, 10) + `,"endValue":` + strconv.FormatInt(last, 10) + "}")
	}
}

func (p *profiles) head(lane *spans.Lane) {
	if p.written > 0 {
		p.raw(",")
	}
	p.written++
	name := p.layout.LaneName(lane)
	if len(p.layout.Run.Processes) > 1 {
		name += " of process " + strconv.Itoa(lane.Process.PID)
	}
	p.raw("\n" + `{"type":"evented","name":`)
	p.text(name)
	p.raw(`,"unit":"nanoseconds","events":[`)
}

func (p *profiles) event(kind byte, number int, at int64) {
	b := append(append(p.buf[:0], "\n{\"type\":\""...), kind)
	b = strconv.AppendInt(append(b, `","frame":`...), int64(number), 10)
	b = strconv.AppendInt(append(b, `,"at":`...), at, 10)
	p.buf = append(b, '}')
	if p.err == nil {
		_, p.err = p.out.Write(p.buf)
	}
}

// frame returns the number of the frame of a step.
func (p *profiles) frame(s *analyze.Step) int {
	var site *analyze.Site
	if s.Task != nil {
		site = s.Task.Site
	}
	known := s.Task == nil || site != nil
	if n, ok := p.sites[site]; ok && known {
		return n
	}
	f := frame{name: "callback"}
	if s.Task != nil {
		f.name = p.layout.Coro(s.Task)
	}
	if site != nil && site.Def.File != "" {
		text := p.layout.Frame(&site.Def)
		f.file, f.line = text.File, text.Line
	}
	n, ok := p.known[f]
	if !ok {
		n = len(p.frames)
		p.known[f], p.frames = n, append(p.frames, f)
	}
	if known {
		p.sites[site] = n
	}
	return n
}

func (p *profiles) writeFrames() {
	for i, f := range p.frames {
		if i > 0 {
			p.raw(",")
		}
		p.raw("\n{\"name\":")
		p.text(f.name)
		if f.file != "" {
			p.raw(`,"file":`)
			p.text(f.file)
		}
		if f.line > 0 {
			p.raw(`,"line":` + strconv.Itoa(f.line))
		}
		p.raw("}")
	}
}
