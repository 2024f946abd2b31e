package chrome

import (
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/spans"
)

// metadata names processes and lanes.
func (t *trace) metadata() {
	for i, p := range t.run.Processes {
		t.start("M", p, 0, "", "process_name")
		t.arg("name", t.layout.ProcessName(p))
		t.send()
		t.start("M", p, 0, "", "process_sort_index")
		t.field(`"args":{"sort_index":` + strconv.Itoa(i) + `}`)
		t.send()
	}
	for _, l := range t.layout.Lanes {
		t.start("M", l.Process, l.ID, "", "thread_name")
		t.arg("name", t.layout.LaneName(l))
		t.send()
		t.start("M", l.Process, l.ID, "", "thread_sort_index")
		t.field(`"args":{"sort_index":` + strconv.Itoa(l.ID) + `}`)
		t.send()
	}
}

// steps writes what the loops ran. A step that had not ended lasts to the end of the run.
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
		t.start("X", lane.Process, lane.ID, kind, t.layout.StepName(s))
		t.time("ts", span.BeginNS)
		end := span.EndNS
		if end == 0 {
			end = max(t.layout.EndNS, span.BeginNS)
		}
		t.time("dur", end-span.BeginNS)
		if s.Task != nil {
			t.field(`"args":{"task":` + strconv.Itoa(s.Task.ID) + `}`)
		}
		t.send()
	}
}

// task writes the life of one task. A wait that did not end has no e, like its task.
func (t *trace) task(task *analyze.Task) {
	lane := t.layout.LaneOf(task)
	event := func(phase, name string, ns int64) {
		t.start(phase, lane.Process, lane.ID, "task", name)
		t.id(uint64(task.ID))
		t.time("ts", ns)
	}
	name, life := t.layout.Task(task), t.layout.Life(task)
	event("b", name, life.BeginNS)
	for _, d := range t.layout.TaskDetails(task) {
		t.arg(d.Key, d.Text)
	}
	t.send()
	for span := range t.layout.Parts(task) {
		if span.Step >= 0 {
			continue
		}
		event("b", span.Name, span.BeginNS)
		t.send()
		if span.EndNS != 0 {
			event("e", span.Name, span.EndNS)
			t.send()
		}
	}
	for n := range task.Cancels {
		c := &task.Cancels[n]
		event("n", "cancel()", c.TimeNS)
		if c.By != nil {
			t.arg("by", t.layout.Task(c.By))
		}
		if c.At != nil {
			t.arg("at", t.layout.Place(task.Process, c.At))
		}
		t.send()
	}
	if life.EndNS != 0 {
		event("e", name, life.EndNS)
		t.send()
	}
}

// arrows writes the flows. Their ends lie in steps, on the lanes these are drawn on.
func (t *trace) arrows() {
	drawn := make([]int64, t.layout.StepCount()) // when each step begins as drawn, plus one; 0: it is not drawn
	lanes := make([]int32, len(drawn))
	for lane, span := range t.layout.Steps() {
		drawn[span.Step], lanes[span.Step] = span.BeginNS+1, int32(lane.ID)
	}
	for _, a := range t.layout.Arrows {
		if a.To < 0 || drawn[a.From] == 0 || drawn[a.To] == 0 {
			continue
		}
		to := drawn[a.To] - 1
		from := min(max(a.TimeNS, drawn[a.From]-1), to)
		if drawn[a.From]-1 > to {
			continue
		}
		t.end("s", a, t.layout.Lanes[lanes[a.From]-1], from)
		t.send()
		t.end("f", a, t.layout.Lanes[lanes[a.To]-1], to)
		t.field(`"bp":"e"`)
		t.send()
	}
}

func (t *trace) end(phase string, a spans.Arrow, lane *spans.Lane, ns int64) {
	t.start(phase, lane.Process, lane.ID, "flow", a.Kind.String())
	t.id(a.ID())
	t.time("ts", ns)
}

// marks writes what else happened.
func (t *trace) marks(findings []analyze.Finding) {
	for _, m := range t.layout.Marks(findings) {
		lane, scope := 0, `"s":"p"`
		if l := t.layout.LoopLane(m.Loop); l != nil {
			lane, scope = l.ID, `"s":"t"`
		}
		t.start("i", m.Process, lane, m.Kind, m.Name)
		t.time("ts", m.TimeNS)
		t.field(scope)
		for _, d := range m.Details {
			t.arg(d.Key, d.Text)
		}
		t.send()
	}
}
