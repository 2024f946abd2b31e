// Package perfetto writes the timeline of a run as a trace of Perfetto, in its protobuf format.
//
// Every process has a track, with one for each loop below it that shows what the loop ran, and below that one for each task:
// a slice from its birth to its end, with its steps and what it waited for inside. The slice of a task that did not end is
// begun and not ended. Flows lead from the step in which a task spawned, cancelled or woke another one to what came of it.
//
// Packets are written as they are made, ordered by track and not by time: Perfetto sorts them. All are of one sequence,
// because names are numbered in one.
package perfetto

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/spans"
	"google.golang.org/protobuf/encoding/protowire"
)

// stacksKept is how many tasks of one site carry the stack of their creation: 500 bytes that all of them share.
const stacksKept = 1000

// Render writes the trace. Times are those of CLOCK_MONOTONIC on the host that recorded. Errors are those of w.
func Render(w io.Writer, res *analyze.Result) error {
	t := &trace{
		writer: newWriter(w), run: res.Run, layout: spans.New(res.Run), stacks: map[*analyze.Site]int{},
		categories: numbered(categories()), keys: numbered(keys()),
	}
	t.ends = t.layout.Ends()
	t.preamble()
	t.tracks()
	t.runs()
	t.steps()
	for _, task := range res.Run.Tasks {
		if t.err != nil {
			break
		}
		t.task(task)
	}
	t.marks(res.Findings)
	return t.finish()
}

type trace struct {
	*writer
	run    *analyze.Run
	layout *spans.Layout
	ends   *spans.Ends
	stacks map[*analyze.Site]int

	categories, keys map[string]uint64
}

func numbered(names []string) map[string]uint64 {
	m := map[string]uint64{}
	for i, name := range names {
		m[name] = uint64(i + 1)
	}
	return m
}

// categories and keys are numbered once for all, from 1.
func categories() []string {
	return []string{"task", "step", "callback", "wait", "run", "cancel", "close", "stop", "shutdown", "signal", "exit", "finding"}
}

func keys() []string {
	return []string{
		"id", "name", "coroutine", "outcome", "exception", "spawned at", "spawned by", "parent", "test", "copy of", "steps", "busy",
		"task", "by", "live", "at", "message", "fix", "target", "class", "command", "dropped", "function",
	}
}

// preamble tells which clock the times are of, how it stood at the start, and the names that are always used.
func (t *trace) preamble() {
	p := number(nil, packetSequence, sequence)
	p = number(p, packetFlags, stateCleared)
	p = nested(p, packetDefaults, number(nil, defaultsClock, clockMonotone))
	var interned []byte
	for i, name := range categories() {
		interned = nested(interned, internedCategories, definition(uint64(i+1), name))
	}
	for i, name := range keys() {
		interned = nested(interned, internedKeys, definition(uint64(i+1), name))
	}
	t.packet = nested(p, packetInterned, interned)
	t.flush()

	start := number(number(nil, clockID, clockMonotone), clockTime, t.time(0))
	snapshot := nested(nil, snapshotClocks, start)
	if t.run.Info.StartedAt > 0 {
		wall := number(number(nil, clockID, clockRealtime), clockTime, uint64(t.run.Info.StartedAt))
		snapshot = nested(snapshot, snapshotClocks, wall)
	}
	t.begin()
	t.packet = nested(t.packet, packetClockSnapshot, number(snapshot, snapshotMain, clockMonotone))
	t.flush()
}

// time returns a moment of the run on the clock of the trace. What lies before the clock's start is at it.
func (t *trace) time(ns int64) uint64 { return uint64(max(t.run.Info.StartedNS+ns, 0)) }

// The numbers of tracks. Those of a trace must differ, and small ones are short.
func processTrack(p *analyze.Process) uint64 { return uint64(p.ID+1)<<2 | 3 }
func laneTrack(l *spans.Lane) uint64         { return uint64(l.ID)<<2 | 2 }
func runsTrack(l *spans.Lane) uint64         { return uint64(l.ID) << 2 }
func taskTrack(t *analyze.Task) uint64       { return uint64(t.ID+1)<<2 | 1 }

// tracks describes those of processes and loops. What a loop ran stands above its tasks, its runs above that.
func (t *trace) tracks() {
	for _, p := range t.run.Processes {
		process := number(nil, processPID, uint64(int64(int32(p.PID))))
		process = text(process, processName, t.layout.ProcessName(p))
		d := nested(number(nil, trackUUID, processTrack(p)), trackProcess, process)
		t.track(number(d, trackOrdering, explicit))
	}
	for _, l := range t.layout.Lanes {
		if l.Loop != nil && len(l.Loop.Runs) > 0 {
			d := number(number(nil, trackUUID, runsTrack(l)), trackParent, processTrack(l.Process))
			d = text(d, trackName, t.layout.LaneName(l)+" runs")
			d = number(d, trackMerging, neverMerge)
			t.track(number(d, trackRank, uint64(2*l.ID)))
		}
		d := number(number(nil, trackUUID, laneTrack(l)), trackParent, processTrack(l.Process))
		d = text(d, trackName, t.layout.LaneName(l))
		d = number(d, trackOrdering, chronological)
		d = number(d, trackMerging, neverMerge)
		t.track(number(d, trackRank, uint64(2*l.ID+1)))
	}
}

// runs writes the runs of loops, which nest.
func (t *trace) runs() {
	for _, l := range t.layout.Lanes {
		if l.Loop == nil {
			continue
		}
		runs := slices.Clone(l.Loop.Runs)
		slices.SortStableFunc(runs, func(a, b *analyze.LoopRun) int { return cmp.Compare(a.BeginNS, b.BeginNS) })
		var open []int64 // ends of those around
		for _, r := range runs {
			for len(open) > 0 && open[len(open)-1] != 0 && open[len(open)-1] <= r.BeginNS {
				t.end(runsTrack(l), open[len(open)-1])
				open = open[:len(open)-1]
			}
			end := r.EndNS
			if n := len(open); n > 0 && open[n-1] != 0 && (end == 0 || end > open[n-1]) {
				end = open[n-1]
			}
			t.start(sliceBegin, runsTrack(l), t.categories["run"], t.layout.Clean(r.API)+"()")
			if r.Target != nil {
				t.annotate("target", t.layout.Task(r.Target))
			}
			t.stack(r.Stack)
			t.send(t.time(r.BeginNS))
			open = append(open, end)
		}
		for i := len(open) - 1; i >= 0 && open[i] != 0; i-- {
			t.end(runsTrack(l), open[i])
		}
	}
}

func (t *trace) end(track uint64, ns int64) {
	t.start(sliceEnd, track, 0, "")
	t.send(t.time(ns))
}

// steps writes what the loops ran.
func (t *trace) steps() {
	for lane, span := range t.layout.Steps() {
		if t.err != nil {
			return
		}
		s := t.layout.Step(span.Step)
		kind := "callback"
		if s.Task != nil {
			kind = "step"
		}
		t.start(sliceBegin, laneTrack(lane), t.categories[kind], t.layout.StepName(s))
		if s.Task != nil {
			t.event = number(t.event, eventCorrelation, uint64(s.Task.ID))
		}
		t.send(t.time(span.BeginNS))
		if span.EndNS != 0 {
			t.end(laneTrack(lane), span.EndNS)
		}
	}
}

// task writes the track of one task.
func (t *trace) task(task *analyze.Task) {
	track := taskTrack(task)
	d := number(number(nil, trackUUID, track), trackParent, laneTrack(t.layout.LaneOf(task)))
	d = text(d, trackName, t.layout.Task(task))
	t.track(number(d, trackMerging, neverMerge))

	life := t.layout.Life(task)
	t.start(sliceBegin, track, t.categories["task"], t.layout.Task(task))
	t.event = number(t.event, eventCorrelation, uint64(task.ID))
	for _, d := range t.layout.TaskDetails(task) {
		t.annotate(d.Key, d.Text)
	}
	if task.Site != nil {
		if t.stacks[task.Site]++; t.stacks[task.Site] <= stacksKept {
			t.stack(task.Site.Stack)
		}
	}
	t.send(t.time(life.BeginNS))
	coro := t.layout.Coro(task)
	for span := range t.layout.Parts(task) {
		if span.Step < 0 {
			t.start(sliceBegin, track, t.categories["wait"], span.Name)
		} else {
			t.start(sliceBegin, track, t.categories["step"], coro)
			t.flows(span.Step)
		}
		t.send(t.time(span.BeginNS))
		if span.EndNS != 0 {
			t.end(track, span.EndNS)
		}
	}
	if life.EndNS != 0 {
		t.end(track, life.EndNS)
	}
	t.cancels(task)
}

// flows adds the arrows that leave and reach a step.
func (t *trace) flows(step int) {
	for _, list := range [][]int32{t.ends.To(step), t.ends.From(step)} {
		for _, i := range list {
			t.flow(t.layout.Arrows[i])
		}
	}
}

func (t *trace) flow(a spans.Arrow) {
	t.event = protowire.AppendFixed64(protowire.AppendTag(t.event, eventFlow, protowire.Fixed64Type), a.ID())
}

// cancels marks when a task was cancelled, and by whom.
func (t *trace) cancels(task *analyze.Task) {
	for n := range task.Cancels {
		c := &task.Cancels[n]
		t.start(instant, taskTrack(task), t.categories["cancel"], "cancel()")
		if c.By != nil {
			t.annotate("by", t.layout.Task(c.By))
		}
		if c.At != nil {
			t.annotate("at", t.layout.Place(task.Process, c.At))
		}
		if a, ok := t.layout.CancelArrow(task, n); ok {
			t.flow(a)
		}
		t.stack(c.Stack)
		t.send(t.time(c.TimeNS))
	}
}

// marks writes what else happened.
func (t *trace) marks(findings []analyze.Finding) {
	for _, m := range t.layout.Marks(findings) {
		track := processTrack(m.Process)
		if lane := t.layout.LoopLane(m.Loop); lane != nil {
			track = laneTrack(lane)
		}
		t.start(instant, track, t.categories[m.Kind], m.Name)
		for _, d := range m.Details {
			t.annotate(d.Key, d.Text)
		}
		t.stack(m.Stack)
		t.send(t.time(m.TimeNS))
	}
	if tl := t.run.Timeline; tl != nil && tl.Dropped > 0 && len(t.run.Processes) > 0 {
		t.start(instant, processTrack(t.run.Processes[0]), 0, "steps before this are not in the trace")
		t.annotate("dropped", fmt.Sprint(tl.Dropped))
		t.send(t.time(tl.FromNS))
	}
}

// annotate adds a thing to say of an event; numbers of tasks and steps are numbers.
func (t *trace) annotate(key, value string) {
	a := number(nil, annotationKey, t.keys[key])
	if n, err := strconv.ParseUint(value, 10, 64); err == nil && slices.Contains([]string{"id", "steps", "dropped"}, key) {
		a = number(a, annotationNumber, n)
	} else {
		a = text(a, annotationText, value)
	}
	t.event = nested(t.event, eventAnnotation, a)
}

// stack adds a call stack, the outermost frame first.
func (t *trace) stack(frames []analyze.Frame) {
	if len(frames) == 0 {
		return
	}
	var list []byte
	for _, f := range slices.Backward(t.layout.Stack(frames)) {
		frame := text(nil, frameFunction, f.Function)
		frame = text(frame, frameFile, f.File)
		if f.Line > 0 {
			frame = number(frame, frameLine, uint64(uint32(f.Line)))
		}
		list = nested(list, stackFrame, frame)
	}
	t.event = nested(t.event, eventStack, list)
}
