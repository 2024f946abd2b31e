package gotrace

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// prelude is what the first generation tells of the start of the trace: goroutines that were there already are told of when
// they first do something, or at the end of the generation if they do nothing.
type prelude struct {
	begins  int64 // time of the first event
	wall    int64 // Unix ns of begins, 0 if the trace has no clock snapshot (before Go 1.25)
	version string
	stdlib  string // directory of the standard library; "" if paths are trimmed, or if it is not known
	older   []older
}

// older is a goroutine that is older than the trace, in the state in which it was at its start.
type older struct {
	id    trace.GoID
	state trace.GoState
	proc  trace.ProcID
	stack tracefile.StackID // where it is suspended
	first tracefile.StackID // where it was seen first
}

// readPrelude reads the first generation. Errors are left to who reads the whole.
func readPrelude(r *reader, s *stacks) (p prelude) {
	p.version = r.version
	known := map[trace.GoID]int{} // index in p.older
	defer s.forget()
	defer func() {
		_ = recover() // as in source.convert, which says so
		s.lost = 0
		slices.SortStableFunc(p.older, func(a, b older) int { return cmp.Compare(a.id, b.id) })
	}()
	for syncs := 0; ; {
		ev, err := r.next()
		if err != nil {
			break
		}
		if ev.Kind() == trace.EventSync {
			if syncs++; syncs > 1 {
				break
			}
			p.clock(ev)
			continue
		}
		if p.stdlib == "" {
			p.findStdlib(ev.Stack())
		}
		if i, ok := known[ev.Goroutine()]; ok && p.older[i].first == 0 {
			p.older[i].first = s.whole(s.id(ev.Stack()))
		}
		if o, ok := olderIn(ev, s); ok {
			known[o.id] = len(p.older)
			p.older = append(p.older, o)
		}
	}
	return p
}

// olderIn returns the goroutine that an event tells of for the first time, although it was there before.
func olderIn(ev *trace.Event, s *stacks) (older, bool) {
	if ev.Kind() != trace.EventStateTransition {
		return older{}, false
	}
	tr := ev.StateTransition()
	if tr.Resource.Kind != trace.ResourceGoroutine {
		return older{}, false
	}
	from, to := tr.Goroutine()
	if from != trace.GoUndetermined || to == trace.GoNotExist || to == trace.GoUndetermined {
		return older{}, false
	}
	at := s.whole(s.id(tr.Stack))
	return older{id: tr.Resource.Goroutine(), state: to, proc: ev.Proc(), stack: at, first: at}, true
}

func (p *prelude) clock(ev *trace.Event) {
	p.begins = int64(ev.Time())
	if snap := ev.Sync().ClockSnapshot; snap != nil {
		p.wall = snap.Wall.UnixNano() - (int64(snap.Trace) - p.begins)
	}
}

// findStdlib looks for a frame of the runtime, which lies in the standard library. Where that was unpacked says which release
// it is, while the trace only has the version of its format.
func (p *prelude) findStdlib(s trace.Stack) {
	for f := range s.Frames() {
		if p.isStdlib(f.Func, f.File) {
			return
		}
	}
}

// isStdlib takes in where the standard library is if a frame tells that.
func (p *prelude) isStdlib(function, name string) bool {
	dir, file := path.Split(name)
	if !strings.HasPrefix(function, "runtime.") || file == "" {
		return false
	}
	lib, ok := strings.CutSuffix(dir, "/runtime/")
	if !ok || !path.IsAbs(lib) {
		return false
	}
	p.stdlib = lib
	if v := releaseIn(lib); v != "" {
		p.version = v
	}
	return true
}

// releaseIn finds the release of Go in the path of its standard library: "/home/me/sdk/go1.22.12/src",
// ".../golang.org/toolchain@v0.0.1-go1.24.13.linux-amd64/src".
func releaseIn(dir string) string {
	m := regexp.MustCompile(`[/-](go1\.\d+(?:\.\d+|rc\d+|beta\d+)?)(?:\.[a-z]+-\w+)?/src$`).FindStringSubmatch(dir)
	if m == nil {
		return ""
	}
	return m[1]
}

// attrs are what the trace knows of its process.
func (p *prelude) attrs() tracefile.Attrs {
	attrs := tracefile.Attrs{{Key: "runtime", Value: p.version}, {Key: "recorder", Value: "runtime/trace"}}
	if p.stdlib != "" {
		list, _ := json.Marshal([]string{p.stdlib}) //nolint:errcheck // strings can be marshalled
		attrs = append(attrs, tracefile.Attr{Key: "stdlib", Value: string(list)})
	}
	return attrs
}

// start emits what a stream begins with.
func (c *converter) start(p prelude) {
	c.now, c.from = p.begins, p.begins
	if !c.attached {
		c.emit(tracefile.Event{Kind: tracefile.ProcessStarted, Attrs: p.attrs()})
	}
	c.emit(tracefile.Event{Kind: tracefile.LoopOpened, Loop: loopGoroutines, Attrs: tracefile.Attrs{{Key: "class", Value: "goroutines"}}})
	for _, o := range p.older {
		if c.gs.get(o.id) == nil {
			c.older(o)
		}
	}
	c.startMoments()
}
