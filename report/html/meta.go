package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/internal/wording"
)

const metaSchema = "looptrace.html/v1"

// runsShown bounds the runs of one loop that the timeline tells apart.
const runsShown = 5000

// meta is what the timeline knows beside the columns. Strings are as recorded, but bounded: the timeline puts them into the
// page as text.
type meta struct {
	Schema       string        `json:"schema"`
	TickNS       int64         `json:"tick_ns"`
	DurationNS   int64         `json:"duration_ns"`
	FromNS       int64         `json:"from_ns"`
	DroppedSteps int           `json:"dropped_steps"`
	DroppedTasks int           `json:"dropped_tasks"`
	Processes    []metaProcess `json:"processes"`
	Loops        []metaLoop    `json:"loops"`
	Markers      []metaMarker  `json:"markers"`
	Sites        []metaSite    `json:"sites"`
	Names        []string      `json:"names"`
	Waits        []string      `json:"waits"`
	Places       []string      `json:"places"`
	Findings     []metaFinding `json:"findings"`
	Tests        []string      `json:"tests"`
	Columns      []column      `json:"columns"`

	tasks, steps int  // in the columns
	namesLeft    bool // there was no room for all names
	known        int  // goroutines that are left out
}

type metaProcess struct {
	ID    int    `json:"id"`
	PID   int    `json:"pid"`
	Label string `json:"label"`
}

type metaLoop struct {
	ID      int       `json:"id"`
	Process int       `json:"process"`
	Label   string    `json:"label"`
	Lanes   int       `json:"lanes"`
	Opened  uint32    `json:"opened"`
	Closed  *uint32   `json:"closed"`
	Runs    []metaRun `json:"runs"`
}

type metaRun struct {
	Begin uint32  `json:"begin"`
	End   *uint32 `json:"end"`
	Label string  `json:"label"`
}

type metaMarker struct {
	Kind    string   `json:"kind"`
	Loop    *int     `json:"loop"`
	Process int      `json:"process"`
	Time    uint32   `json:"time"`
	End     *uint32  `json:"end"`
	Label   string   `json:"label"`
	Live    []uint32 `json:"live"`

	live   []*analyze.Live
	timeNS int64
}

type metaSite struct {
	Coro  string `json:"coro"`
	Place string `json:"place"`
	Text  string `json:"text"`
	Via   string `json:"via"`
}

type metaFinding struct {
	Anchor   string   `json:"anchor"`
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Message  string   `json:"message"`
	Tasks    []uint32 `json:"tasks"`
	Time     *uint32  `json:"time"`
}

// write writes the data as JSON in which no character means anything to HTML or to a terminal.
func (m *meta) write() ([]byte, error) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(m); err != nil { // it escapes <, > and &
		return nil, err
	}
	return safejson.Escape(bytes.TrimSpace(b.Bytes())), nil
}

// metaBuilder fills a meta.
type metaBuilder struct {
	*table
	wording.Phraser
	res *analyze.Result
	m   *meta
}

func newMeta(t *table, res *analyze.Result) *meta {
	b := &metaBuilder{table: t, res: res, m: &meta{
		Schema: metaSchema, TickNS: t.tickNS, DurationNS: t.endNS, FromNS: t.timeline.FromNS,
		DroppedSteps: t.timeline.Dropped + t.lostSteps, DroppedTasks: max(wording.TaskCount(t.run)-len(t.tasks)-t.known, 0),
		Processes: []metaProcess{}, Loops: []metaLoop{}, Markers: []metaMarker{}, Findings: []metaFinding{}, Tests: []string{},
	}}
	b.About(t.run, nil)
	for _, p := range t.run.Processes {
		b.m.Processes = append(b.m.Processes, metaProcess{ID: p.ID, PID: p.PID, Label: b.Process(p)})
	}
	b.loopList()
	b.markers()
	for i := range res.Findings[:min(len(res.Findings), findingsShown)] {
		b.finding(i, &res.Findings[i])
	}
	for _, test := range t.run.Tests {
		b.m.Tests = append(b.m.Tests, bounded(test.Name))
	}
	return b.m
}

// ticks returns a time, nil for never.
func (b *metaBuilder) ticks(ns int64) *uint32 {
	if ns == 0 {
		return nil
	}
	t := b.tick(ns)
	return &t
}

func (b *metaBuilder) tasksOf(tasks []*analyze.Task) []uint32 {
	out := []uint32{}
	for _, t := range tasks {
		if i, ok := b.index[t]; ok {
			out = append(out, i)
		}
	}
	return out
}

func (b *metaBuilder) loopList() {
	for i, l := range b.run.Loops[:min(len(b.run.Loops), most)] {
		b.About(b.run, l.Process)
		loop := metaLoop{
			ID: l.ID, Process: b.process(l.Process), Label: loopLabel(l), Lanes: b.lanes[i], Opened: b.tick(l.OpenedNS), Runs: []metaRun{},
		}
		if l.ClosedBy != nil {
			loop.Closed = b.ticks(l.ClosedBy.TimeNS)
		}
		for _, r := range l.Runs[:min(len(l.Runs), runsShown)] {
			loop.Runs = append(loop.Runs, metaRun{Begin: b.tick(r.BeginNS), End: b.ticks(r.EndNS), Label: b.called(r.API, r.At)})
		}
		b.m.Loops = append(b.m.Loops, loop)
	}
	if b.orphans {
		b.m.Loops = append(b.m.Loops, metaLoop{Label: "loop not observed", Lanes: b.lanes[len(b.lanes)-1], Runs: []metaRun{}})
	}
}

func loopLabel(l *analyze.Loop) string {
	label := (&wording.Phraser{}).Loop(l)
	if l.Thread != "" {
		label += " · " + bounded(l.Thread)
	}
	return label
}

// called returns "asyncio.run() at app.py:9".
func (b *metaBuilder) called(api string, at *analyze.Frame) string {
	text := strings.TrimSuffix(b.Name(api), "()") + "()"
	if at != nil {
		text += " at " + b.At(at)
	}
	return text
}

func (b *metaBuilder) finding(i int, f *analyze.Finding) {
	out := metaFinding{
		Anchor: anchor(i), Rule: f.Rule, Severity: string(f.Severity), Message: b.Text(f.Message), Tasks: b.tasksOf(f.Tasks),
	}
	if m := wording.MomentOf(f); m.Known() {
		out.Time = b.ticks(m.TimeNS)
	} else {
		for _, e := range f.Evidence {
			if e.TimeNS >= 0 {
				out.Time = b.ticks(e.TimeNS)
			}
		}
	}
	b.m.Findings = append(b.m.Findings, out)
}

// anchor is the id of a finding in the page.
func anchor(i int) string { return fmt.Sprintf("finding-%d", i+1) }
