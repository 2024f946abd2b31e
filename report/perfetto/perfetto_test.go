package perfetto

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func render(t *testing.T, res *analyze.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	trace := goldentest.Traces(t)["stop"]
	for name, trace := range map[string]string{"stop": trace, "stop_hostile": goldentest.Hostile(trace)} {
		var b strings.Builder
		write(&b, decode(t, render(t, goldentest.Judge(t, trace)), format()), "")
		goldentest.Compare(t, name+".textproto", []byte(b.String()))
	}
}

// In every trace, tracks are described before they are used, slices end in the order that they began backwards, each track
// goes forward in time, and names are defined before they are used.
func TestEveryTrace(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		out := render(t, res)
		if i := bytes.Index(out, []byte("\x1b[2J")); i >= 0 {
			t.Errorf("acts: %q", out[i:min(len(out), i+80)])
		}
		c := &checker{T: t, tracks: map[uint64]bool{}, names: map[uint64]bool{}, open: map[uint64]int{}, last: map[uint64]uint64{}, flows: map[uint64]int{}}
		for _, packet := range decode(t, out, format()) {
			c.packet(packet.holds)
		}
		for id, n := range c.flows {
			if n != 2 {
				t.Errorf("flow %d has %d ends", id, n)
			}
		}
		if c.slices == 0 {
			t.Error("no slices")
		}
	})
}

type checker struct {
	*testing.T
	tracks, names map[uint64]bool
	open          map[uint64]int // slices by track
	last          map[uint64]uint64
	flows         map[uint64]int
	slices        int
}

func (c *checker) packet(p []value) {
	if s, _ := get(p, "trusted_packet_sequence_id"); s.number != sequence {
		c.Errorf("packet of sequence %d", s.number)
	}
	if d, ok := get(p, "track_descriptor"); ok {
		uuid, _ := get(d.holds, "uuid")
		if uuid.number == 0 || c.tracks[uuid.number] {
			c.Errorf("track %d is described again", uuid.number)
		}
		if parent, ok := get(d.holds, "parent_uuid"); ok && !c.tracks[parent.number] {
			c.Errorf("track %d: no parent %d", uuid.number, parent.number)
		}
		c.tracks[uuid.number] = true
	}
	if d, ok := get(p, "interned_data"); ok {
		for _, v := range d.holds {
			if id, _ := get(v.holds, "iid"); v.name == "event_names" {
				c.names[id.number] = true
			}
		}
	}
	if e, ok := get(p, "track_event"); ok {
		at, _ := get(p, "timestamp")
		c.event(e.holds, at.number)
	}
}

func (c *checker) event(e []value, at uint64) {
	track, _ := get(e, "track_uuid")
	kind, _ := get(e, "type")
	if !c.tracks[track.number] {
		c.Errorf("no track %d", track.number)
	}
	if name, ok := get(e, "name_iid"); ok && !c.names[name.number] {
		c.Errorf("no name %d", name.number)
	}
	for _, v := range e {
		if v.name == "flow_ids" {
			c.flows[v.number]++
		}
	}
	if kind.number == instant {
		return
	}
	if at < c.last[track.number] {
		c.Errorf("track %d goes back from %d to %d", track.number, c.last[track.number], at)
	}
	c.last[track.number] = at
	switch kind.number {
	case sliceBegin:
		c.slices++
		c.open[track.number]++
	case sliceEnd:
		if c.open[track.number]--; c.open[track.number] < 0 {
			c.Errorf("track %d: an end without a begin", track.number)
		}
	}
}

// A task that did not end has no end here either.
func TestLiveTasksStayOpen(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["stop"])
	open := map[uint64]int{}
	for _, packet := range decode(t, render(t, res), format()) {
		if e, ok := get(packet.holds, "track_event"); ok {
			track, _ := get(e.holds, "track_uuid")
			kind, _ := get(e.holds, "type")
			open[track.number] += map[uint64]int{sliceBegin: 1, sliceEnd: -1}[kind.number]
		}
	}
	for _, task := range res.Run.Tasks {
		if live := task.EndedNS == 0; live != (open[taskTrack(task)] > 0) {
			t.Errorf("task %d, outcome %s: %d slices are open", task.ID, task.Outcome, open[taskTrack(task)])
		}
	}
	if !slices.ContainsFunc(res.Run.Tasks, func(t *analyze.Task) bool { return t.EndedNS == 0 }) {
		t.Error("no live task in the trace")
	}
}

// The stacks of many tasks of one site are written for the first of them only, and names beyond a number are not numbered.
func TestMemoryAndSizeAreBounded(t *testing.T) {
	run := &analyze.Run{Processes: []*analyze.Process{{PID: 1}}, Timeline: &analyze.Timeline{}}
	site := &analyze.Site{Coro: "job", Stack: []analyze.Frame{{File: "/app/a.py", Line: 1, Function: "main"}}}
	const tasks = namesKept + 100
	for id := 1; id <= tasks; id++ {
		run.Tasks = append(run.Tasks, &analyze.Task{ID: id, Process: run.Processes[0], Site: site, BirthSeen: true, SpawnedNS: int64(id), Outcome: "pending"})
	}
	stacks, inline := 0, 0
	for _, packet := range decode(t, render(t, &analyze.Result{Run: run}), format()) {
		if e, ok := get(packet.holds, "track_event"); ok {
			if _, ok := get(e.holds, "callstack"); ok {
				stacks++
			}
			if _, ok := get(e.holds, "name"); ok {
				inline++
			}
		}
	}
	if stacks != stacksKept || inline == 0 || inline > tasks {
		t.Errorf("%d stacks, %d names in place", stacks, inline)
	}
}
