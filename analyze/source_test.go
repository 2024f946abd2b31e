package analyze

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// trace is a trace written by hand: a Source whose events and definitions a test adds. Every event is a millisecond later
// than the one before.
type trace struct {
	info   tracefile.RunInfo
	health tracefile.Health
	events []tracefile.Event
	stacks [][]tracefile.Frame
	sites  []tracefile.Site
	chains []tracefile.Chain
	stream tracefile.StreamID
	now    int64
	next   int
}

const ms = 1_000_000

// newTrace begins a run with the process 100 of the program /app, started at 1 s of the clock.
func newTrace() *trace {
	tr := &trace{info: tracefile.RunInfo{Command: []string{"python", "app.py"}, StartedNS: 1000 * ms, PID: 100, Ended: true}, now: 1000 * ms}
	tr.process(1, 100, 1)
	return tr
}

func (tr *trace) process(stream tracefile.StreamID, pid, ppid int, extra ...string) {
	tr.stream = stream
	tr.rare(tracefile.ProcessStarted, tracefile.Event{}, append([]string{
		"pid", strconv.Itoa(pid), "ppid", strconv.Itoa(ppid), "argv", `["app.py"]`, "python", "3.12.1", "implementation", "cpython",
		"recorder", "python", "cwd", "/app", "stdlib", `["/usr/lib/python3.12"]`, "sites", `["/usr/lib/python3.12/site-packages"]`,
	}, extra...)...)
	tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: 1, Name: "MainThread"})
}

// add appends an event; Time and Stream are filled in.
func (tr *trace) add(e tracefile.Event) {
	tr.now += ms
	e.Time, e.Stream = tr.now, tr.stream
	tr.events = append(tr.events, e)
}

// rare appends an event with attributes, given as key, value, key, value…
func (tr *trace) rare(kind tracefile.Kind, e tracefile.Event, attrs ...string) {
	e.Kind = kind
	for i := 0; i+1 < len(attrs); i += 2 {
		e.Attrs = append(e.Attrs, tracefile.Attr{Key: attrs[i], Value: attrs[i+1]})
	}
	tr.add(e)
}

func (tr *trace) hot(kind tracefile.Kind, task tracefile.TaskID) {
	tr.add(tracefile.Event{Kind: kind, Task: task})
}

func (tr *trace) spawn(task tracefile.TaskID, site tracefile.SiteID) {
	tr.add(tracefile.Event{Kind: tracefile.TaskSpawned, Task: task, Loop: 1, Site: site})
}

func (tr *trace) end(task tracefile.TaskID, outcome uint64, name string) {
	tr.add(tracefile.Event{Kind: tracefile.TaskEnded, Task: task, Number: outcome, Name: name})
}

// open opens loop 1 and begins a run of it.
func (tr *trace) open(api string) {
	tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack("app.py:1:<module>:loop = new()")}, "class", "_UnixSelectorEventLoop")
	tr.rare(tracefile.RunBegun, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack("asyncio/base_events.py:600:"+api, "app.py:9:<module>:loop.run()")}, "api", api)
}

// live appends a LiveTask event.
func (tr *trace) live(task tracefile.TaskID, name string, chain tracefile.ChainID, attrs ...string) {
	tr.rare(tracefile.LiveTask, tracefile.Event{Task: task, Loop: 1, Name: name, Chain: chain}, attrs...)
}

// stack defines a stack, innermost frame first, of "FILE:LINE:FUNCTION:TEXT" strings. A file of asyncio/ or site/ is the
// library's, "<…>" stands for itself, and all others are in /app.
func (tr *trace) stack(frames ...string) tracefile.StackID {
	tr.stacks = append(tr.stacks, frameList(frames))
	return tracefile.StackID(len(tr.stacks))
}

func (tr *trace) site(coro string, frames ...string) tracefile.SiteID {
	tr.sites = append(tr.sites, tracefile.Site{Stack: tr.stack(frames...), Coro: coro})
	return tracefile.SiteID(len(tr.sites))
}

// chain defines an await chain, outermost frame first.
func (tr *trace) chain(state, on string, frames ...string) tracefile.ChainID {
	tr.chains = append(tr.chains, tracefile.Chain{State: state, On: on, Frames: frameList(frames)})
	return tracefile.ChainID(len(tr.chains))
}

func frameList(frames []string) []tracefile.Frame {
	var out []tracefile.Frame
	for _, s := range frames {
		out = append(out, frameOf(s))
	}
	return out
}

func frameOf(s string) tracefile.Frame {
	part := append(strings.SplitN(s, ":", 4), "", "", "")
	line, _ := strconv.Atoi(part[1])
	f := tracefile.Frame{File: part[0], Line: line, Text: part[3]}
	f.Function, f.Qualname, _ = strings.Cut(part[2], "=")
	switch {
	case strings.HasPrefix(f.File, "asyncio/"):
		f.File = "/usr/lib/python3.12/" + f.File
	case strings.HasPrefix(f.File, "site/"):
		f.File = "/usr/lib/python3.12/site-packages/" + f.File[len("site/"):]
	case !strings.HasPrefix(f.File, "<"):
		f.File = "/app/" + f.File
	}
	return f
}

// Source.

func (tr *trace) Next() (*tracefile.Event, error) {
	if tr.next == len(tr.events) {
		return nil, io.EOF
	}
	tr.next++
	return &tr.events[tr.next-1], nil
}

func (tr *trace) Stack(id tracefile.StackID) []tracefile.Frame {
	if id == 0 || int(id) > len(tr.stacks) {
		return nil
	}
	return tr.stacks[id-1]
}

func (tr *trace) Site(id tracefile.SiteID) tracefile.Site {
	if id == 0 || int(id) > len(tr.sites) {
		return tracefile.Site{}
	}
	return tr.sites[id-1]
}

func (tr *trace) Chain(id tracefile.ChainID) tracefile.Chain {
	if id == 0 || int(id) > len(tr.chains) {
		return tracefile.Chain{}
	}
	return tr.chains[id-1]
}

func (tr *trace) Run() tracefile.RunInfo { return tr.info }

func (tr *trace) Health() tracefile.Health {
	h := tr.health
	h.Events = uint64(tr.next)
	return h
}

// build analyses the trace and checks what holds for every run.
func (tr *trace) build(t testing.TB, opts Options) *Run {
	t.Helper()
	run, err := Build(tr, opts)
	if err != nil {
		t.Fatal(err)
	}
	checkRun(t, run)
	return run
}

// brief spells a live task: name state@line on.
func brief(l *Live) string {
	line := "-"
	if l.At != nil {
		line = fmt.Sprint(l.At.Line)
	}
	return fmt.Sprintf("%s %s@%s %s", l.Task.Name, l.State, line, l.On.Kind)
}

func briefs(list []*Live) string {
	var out []string
	for _, l := range list {
		out = append(out, brief(l))
	}
	return strings.Join(out, ", ")
}
