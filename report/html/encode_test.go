package html

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"pgregory.net/rapid"
)

// decoded is the data of a page, read back as the timeline reads it.
type decoded struct {
	meta
	columns map[string][]float64
}

type failer interface {
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// between returns what stands in a page between two texts.
func between(t failer, page, from, to string) string {
	_, rest, ok := strings.Cut(page, from)
	inside, _, ended := strings.Cut(rest, to)
	if !ok || !ended {
		t.Fatalf("the page has no %s", from)
	}
	return inside
}

func decode(t failer, res *analyze.Result) *decoded {
	var b bytes.Buffer
	if err := Render(&b, res); err != nil {
		t.Fatalf("%v", err)
	}
	page := b.String()
	d := &decoded{columns: map[string][]float64{}}
	if err := json.Unmarshal([]byte(between(t, page, `id="lt-meta">`, "</script>")), &d.meta); err != nil {
		t.Fatalf("%v", err)
	}
	packed, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(between(t, page, `id="lt-data">`, "</script>"))))
	if err != nil {
		t.Fatalf("%v", err)
	}
	data, err := io.ReadAll(packed)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for _, c := range d.Columns {
		if c.Offset%8 != 0 {
			t.Fatalf("%s begins at %d", c.Name, c.Offset)
		}
		d.columns[c.Name] = values(t, c, data[c.Offset:])
	}
	return d
}

func values(t failer, c column, data []byte) []float64 {
	list := make([]float64, c.Count)
	for i := range list {
		switch c.Type {
		case "u8":
			list[i] = float64(data[i])
		case "u16":
			list[i] = float64(binary.LittleEndian.Uint16(data[2*i:]))
		case "u32":
			list[i] = float64(binary.LittleEndian.Uint32(data[4*i:]))
		case "f64":
			list[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		default:
			t.Fatalf("%s is of type %s", c.Name, c.Type)
		}
	}
	return list
}

// at returns a number of a column that stands for an index or a time.
func (d *decoded) at(name string, i int) int { return int(d.columns[name][i]) }

// time is what a column says of a time, to compare with ns.
func (d *decoded) ns(ticks int) int64 { return int64(ticks) * d.TickNS }

// near compares a time of the run with one of a column, which is a whole number of ticks.
func (d *decoded) near(ns int64, ticks int) bool {
	return d.ns(ticks) <= ns && ns < d.ns(ticks)+d.TickNS
}

// TestColumnsTellTheRun decodes what is encoded, for all traces, and for one that takes longer than ns can be told.
func TestColumnsTellTheRun(t *testing.T) {
	for _, name := range traceNames(t) {
		res := judged(t, traceText(t, name))
		compare(t, res, decode(t, res))
		res.Run.Info.DurationNS = 90_000_000_000
		d := decode(t, res)
		if d.TickNS != 21 { // 90e9 / 21 < 1<<32 - 1 < 90e9 / 20
			t.Errorf("%s: the unit is %d ns", name, d.TickNS)
		}
		compare(t, res, d)
	}
}

func compare(t failer, res *analyze.Result, d *decoded) {
	run := res.Run
	byID := map[int]*analyze.Task{}
	for _, x := range run.Tasks {
		if x.Known == "" {
			byID[x.ID] = x
		}
	}
	if len(d.columns["task.id"]) != len(byID) {
		t.Fatalf("%d tasks of %d", len(d.columns["task.id"]), len(byID))
	}
	index := map[*analyze.Task]int{}
	for i := range len(byID) {
		index[byID[d.at("task.id", i)]] = i
	}
	if len(index) != len(byID) {
		t.Fatalf("%d different tasks of %d", len(index), len(byID))
	}
	for x, i := range index {
		compareTask(t, d, x, i, index)
	}
	compareSteps(t, d, run, index)
	compareLive(t, d, run, index)
	compareRest(t, d, run, index)
}

func compareTask(t failer, d *decoded, x *analyze.Task, i int, index map[*analyze.Task]int) {
	wrong := func(what string, want, got any) { t.Errorf("task %d: %s is %v, not %v", x.ID, what, got, want) }
	if got := d.Names[d.at("task.name", i)]; got != strings.ToValidUTF8(x.Name, "\ufffd") {
		wrong("name", x.Name, got)
	}
	loop := d.Loops[d.at("task.loop", i)]
	if x.Loop != nil && loop.ID != x.Loop.ID || x.Loop == nil && loop.ID != 0 {
		wrong("loop", x.Loop, loop.ID)
	}
	if d.at("task.lane", i) >= loop.Lanes {
		wrong("lane", loop.Lanes, d.at("task.lane", i))
	}
	if got := d.Sites[d.at("task.site", i)].Coro; got != x.Site.Coro {
		wrong("coro", x.Site.Coro, got)
	}
	parent := 0
	if p, ok := index[x.Parent]; ok {
		parent = p + 1
	}
	if got := d.at("task.parent", i); got != parent {
		wrong("parent", parent, got)
	}
	if !d.near(x.SpawnedNS, d.at("task.spawned", i)) {
		wrong("spawned", x.SpawnedNS, d.at("task.spawned", i))
	}
	for name, ns := range map[string]int64{"task.first": x.FirstStepNS, "task.ended": x.EndedNS} {
		if got := d.at(name, i); ns == 0 && got != never || ns != 0 && !d.near(ns, got) {
			wrong(name, ns, got)
		}
	}
	outcomes := []string{"pending", "returned", "raised", "cancelled", "collected"}
	if got := outcomes[d.at("task.outcome", i)]; got != x.Outcome {
		wrong("outcome", x.Outcome, got)
	}
	if got := d.at("task.steps", i); got != x.Steps {
		wrong("steps", x.Steps, got)
	}
	if got := int64(d.columns["task.busy"][i]); got != x.BusyNS {
		wrong("busy", x.BusyNS, got)
	}
	if got := d.at("task.flags", i)&flagUnborn != 0; got == x.BirthSeen {
		wrong("birth", x.BirthSeen, !got)
	}
	if e := d.at("task.exc", i); x.Exception != nil && (e == 0 || d.Names[e-1] != x.Exception.Type) || x.Exception == nil && e != 0 {
		wrong("exception", x.Exception, e)
	}
}

func compareSteps(t failer, d *decoded, run *analyze.Run, index map[*analyze.Task]int) {
	want := map[int][][2]int64{}
	callbacks := 0
	for _, s := range run.Timeline.Steps {
		if i, ok := index[s.Task]; ok {
			want[i] = append(want[i], [2]int64{s.BeginNS, s.EndNS})
		} else if s.Task == nil {
			callbacks++
		}
	}
	for _, i := range index {
		from, to := d.at("task.step0", i), d.at("task.step0", i+1)
		if to-from != len(want[i]) {
			t.Fatalf("task %d has %d steps, not %d", i, to-from, len(want[i]))
		}
		for n, w := range want[i] {
			begin, dur := d.at("step.begin", from+n), d.at("step.dur", from+n)
			if !d.near(w[0], begin) || w[1] == 0 != (dur == never) || w[1] != 0 && !d.near(w[1], begin+dur) {
				t.Errorf("task %d: step %v is told as %d, %d", i, w, begin, dur)
			}
		}
	}
	if got := len(d.columns["cb.begin"]); got != callbacks || !slices.IsSorted(d.columns["cb.begin"]) {
		t.Errorf("%d callbacks, not %d; or they are not in order", got, callbacks)
	}
}

func compareLive(t failer, d *decoded, run *analyze.Run, index map[*analyze.Task]int) {
	live, flags := map[string]int{}, map[*analyze.Task]int{}
	add := func(list []*analyze.Live, moment string, flag int) {
		for _, l := range list {
			if _, shown := index[l.Task]; shown {
				live[moment]++
				flags[l.Task] |= flag
			}
		}
	}
	for _, c := range run.Closes {
		if c.Outcome == "noop" {
			continue
		}
		add(c.Live, "close", flagLiveAtClose)
	}
	for _, p := range run.Processes {
		if p.Exit.TimeNS == 0 {
			continue
		}
		add(p.Exit.Live, "exit", flagLiveAtExit)
	}
	for _, l := range run.Loops {
		for _, s := range l.Shutdowns {
			add(s.Live, "shutdown", flagLeftOver)
		}
	}
	for _, m := range d.Markers {
		kind := strings.Replace(m.Kind, "refused", "close", 1)
		live[kind] -= len(m.Live)
	}
	for kind, n := range live {
		if n != 0 {
			t.Errorf("%d live tasks at a %s are not told", n, kind)
		}
	}
	for x, want := range flags {
		if got := d.at("task.flags", index[x]); got&want != want {
			t.Errorf("task %d has the flags %b, not %b", x.ID, got, want)
		}
	}
	told := 0
	for _, m := range d.Markers {
		told += len(m.Live)
	}
	if rows := len(d.columns["live.task"]); rows != told {
		t.Errorf("%d rows for %d live tasks", rows, told)
	}
	for i := range d.columns["live.task"] {
		m, task, wait := d.at("live.marker", i), d.at("live.task", i), d.at("live.wait", i)
		if !slices.Contains(d.Markers[m].Live, uint32(task)) || wait == 0 || d.Waits[wait-1] == "" {
			t.Errorf("row %d: task %d at marker %d, wait %d", i, task, m, wait)
		}
	}
}

func compareRest(t failer, d *decoded, run *analyze.Run, index map[*analyze.Task]int) {
	cancels := 0
	for _, x := range run.Tasks {
		cancels += len(x.Cancels)
	}
	if got := len(d.columns["cancel.time"]); got != cancels {
		t.Errorf("%d cancels, not %d", got, cancels)
	}
	sights, wakes := 0, 0
	for _, s := range run.Timeline.Sightings {
		if _, shown := index[s.Task]; shown {
			sights++
		}
	}
	for _, w := range run.Timeline.Wakes {
		if _, shown := index[w.Task]; shown {
			wakes++
		}
	}
	for name, n := range map[string]int{"sight.time": sights, "wake.time": wakes} {
		if got := len(d.columns[name]); got != n {
			t.Errorf("%s: %d, not %d", name, got, n)
		}
	}
	for _, of := range []string{"sight", "cancel", "wake"} {
		for i := 1; i < len(d.columns[of+".task"]); i++ {
			a, b := d.at(of+".task", i-1), d.at(of+".task", i)
			if a > b || a == b && d.at(of+".time", i-1) > d.at(of+".time", i) {
				t.Errorf("%s: row %d is out of order", of, i)
			}
		}
	}
	for i := 1; i < len(index); i++ {
		if slices.Compare(d.order(i-1), d.order(i)) > 0 {
			t.Errorf("task %d is out of order", i)
		}
		if a, b := d.order(i-1), d.order(i); a[0] == b[0] && a[1] == b[1] {
			if ended := d.at("task.ended", i-1); ended == never || ended > b[2] {
				t.Errorf("task %d lies over the one before in its lane", i)
			}
		}
	}
}

// order is what the tasks are sorted by.
func (d *decoded) order(i int) []int {
	return []int{d.at("task.loop", i), d.at("task.lane", i), d.at("task.spawned", i)}
}

// Tasks in one lane do not overlap, and no lane is opened while another one is free.
func TestLanes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run := &analyze.Run{Info: tracefile.RunInfo{DurationNS: 1000}, Timeline: &analyze.Timeline{}}
		loops := []*analyze.Loop{nil, {ID: 1}, {ID: 2}}
		run.Loops = loops[1:]
		site := &analyze.Site{}
		for i := range rapid.IntRange(0, 60).Draw(t, "tasks") {
			x := &analyze.Task{ID: i + 1, Site: site, SpawnedNS: int64(rapid.IntRange(1, 200).Draw(t, "spawned")), Outcome: "pending"}
			x.Loop = rapid.SampledFrom(loops).Draw(t, "loop")
			if rapid.Bool().Draw(t, "ends") {
				x.EndedNS, x.Outcome = x.SpawnedNS+int64(rapid.IntRange(1, 50).Draw(t, "lasts")), "returned"
			}
			run.Tasks = append(run.Tasks, x)
		}
		d := decode(t, &analyze.Result{Run: run})
		compare(t, &analyze.Result{Run: run}, d)
		for n, loop := range d.Loops {
			most := 0
			for at := 1; at <= 200; at++ {
				live := 0
				for _, x := range run.Tasks {
					mine := x.Loop == nil && loop.ID == 0 || x.Loop != nil && x.Loop.ID == loop.ID
					if mine && x.SpawnedNS <= int64(at) && (x.EndedNS == 0 || x.EndedNS > int64(at)) {
						live++
					}
				}
				most = max(most, live)
			}
			if loop.Lanes != most {
				t.Fatalf("loop %d has %d lanes for %d tasks at once", n, loop.Lanes, most)
			}
		}
	})
}

// Of more tasks than the page takes, those that tell most stay.
func TestChoose(t *testing.T) {
	res := &analyze.Result{Run: &analyze.Run{}}
	for i := range tasksShown + 100 {
		res.Run.Tasks = append(res.Run.Tasks, &analyze.Task{ID: i + 1, EndedNS: int64(i + 1)})
	}
	all := res.Run.Tasks
	all[3].EndedNS = 0
	res.Findings = []analyze.Finding{{Tasks: all[5:6]}}
	got, _ := choose(res)
	if len(got) != tasksShown || got[0] != all[3] || got[1] != all[5] || got[2] != all[102] || got[len(got)-1] != all[len(all)-1] {
		t.Errorf("%d tasks, which begin with %d, %d and %d", len(got), got[0].ID, got[1].ID, got[2].ID)
	}
}

// Known goroutines are left out, counted, and no steps of theirs are said to be missing; one that a finding accuses is shown.
func TestKnownAreLeftOut(t *testing.T) {
	run := &analyze.Run{Timeline: &analyze.Timeline{}}
	for i := range 3 {
		x := &analyze.Task{ID: i + 1, Known: "runtime", Site: &analyze.Site{}}
		run.Tasks = append(run.Tasks, x)
		run.Timeline.Steps = append(run.Timeline.Steps, analyze.Step{BeginNS: 1, EndNS: 2, Task: x})
	}
	run.Tasks[0].Known = ""
	table := newTable(&analyze.Result{Run: run, Findings: []analyze.Finding{{Tasks: run.Tasks[2:]}}})
	if len(table.tasks) != 2 || table.known != 1 || table.lostSteps != 0 {
		t.Errorf("%d tasks, %d known, %d steps lost", len(table.tasks), table.known, table.lostSteps)
	}
}

// A list of names has an end, and says so.
func TestNamesAreBounded(t *testing.T) {
	in := newIntern()
	long := strings.Repeat("é", textBytes)
	if in.add(long); len(in.list[1]) > textBytes+len("…") || !strings.HasSuffix(in.list[1], "é…") {
		t.Errorf("%d bytes of a name: %q", len(in.list[1]), in.list[1][textBytes-4:])
	}
	for i := range listBytes/8 + 1 {
		in.add(strings.Repeat("x", 6) + string(rune('a'+i%26)) + string(rune(0x4e00+i%20000)) + string(rune(0x4e00+i/20000)))
	}
	if !in.full || in.room < 0 {
		t.Errorf("full: %v, %d bytes left", in.full, in.room)
	}
	if n := in.add("one more of these"); n != 0 {
		t.Errorf("a name for which there is no room has the number %d", n)
	}
}
