package gantt

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/looptrace/looptrace/report/internal/safejson"
)

// Schema names the form of what JSON writes.
const Schema = "looptrace.timeline/v1"

// The rows as data; the field order is part of the format, lists are never null, and times are ns since the run's start.
type (
	document struct {
		Schema      string     `json:"schema"`
		FromNS      int64      `json:"from_ns"`
		ToNS        int64      `json:"to_ns"`
		Moment      momentJSON `json:"moment"`
		StepsFromNS *int64     `json:"steps_from_ns"`
		Tasks       int        `json:"tasks"`
		HiddenTasks int        `json:"hidden_tasks"`
		HiddenLoops int        `json:"hidden_loops"`
		Lanes       []laneJSON `json:"lanes"`
	}
	momentJSON struct {
		TimeNS int64 `json:"time_ns"`
		Close  *int  `json:"close"`
		Live   int   `json:"live"`
	}
	laneJSON struct {
		Process   *int        `json:"process"`
		Loop      *int        `json:"loop"`
		Thread    string      `json:"thread"`
		Runs      []spanJSON  `json:"runs"`
		Shutdowns []spanJSON  `json:"shutdowns"`
		Closes    []closeJSON `json:"closes"`
		Rows      []rowJSON   `json:"rows"`
	}
	closeJSON struct {
		TimeNS  int64  `json:"time_ns"`
		Outcome string `json:"outcome"`
	}
	rowJSON struct {
		Task        *int       `json:"task"` // null: several tasks of one place
		Count       int        `json:"count"`
		Name        string     `json:"name"`
		Coro        string     `json:"coro"`
		Live        bool       `json:"live"`
		SpawnedNS   int64      `json:"spawned_ns"`
		FirstStepNS *int64     `json:"first_step_ns"`
		EndedNS     *int64     `json:"ended_ns"`
		Outcome     string     `json:"outcome"`
		State       *string    `json:"state"` // at the moment
		WaitsFor    *string    `json:"waits_for"`
		CancelsNS   []int64    `json:"cancels_ns"`
		Steps       []spanJSON `json:"steps"` // those in the window
	}
	// spanJSON is begin and end, null for what never ended.
	spanJSON [2]*int64
)

// JSON writes the rows of the chart with their steps as data.
func (c *Chart) JSON(w io.Writer) error {
	doc := document{
		Schema: Schema, FromNS: c.FromNS, ToNS: c.ToNS, StepsFromNS: whenKnown(c.LostNS), Tasks: c.Tasks, HiddenTasks: c.Hidden,
		HiddenLoops: c.HiddenLoops, Moment: momentJSON{TimeNS: c.Moment.TimeNS, Live: len(c.Moment.Live)}, Lanes: []laneJSON{},
	}
	if c.Moment.Close != nil {
		doc.Moment.Close = &c.Moment.Close.Index
	}
	steps := c.stepSpans()
	for _, lane := range c.Lanes {
		doc.Lanes = append(doc.Lanes, c.laneJSON(lane, steps))
	}
	text, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(safejson.Escape(bytes.TrimSpace(text)), '\n'))
	return err
}

func (c *Chart) laneJSON(lane *Lane, steps map[*Row][]spanJSON) laneJSON {
	out := laneJSON{Runs: []spanJSON{}, Shutdowns: []spanJSON{}, Closes: []closeJSON{}, Rows: []rowJSON{}}
	if lane.Process != nil {
		out.Process = &lane.Process.ID
	}
	if l := lane.Loop; l != nil {
		out.Loop, out.Thread = &l.ID, l.Thread
		for _, r := range l.Runs {
			out.Runs = append(out.Runs, span(r.BeginNS, r.EndNS))
		}
		for _, s := range l.Shutdowns {
			out.Shutdowns = append(out.Shutdowns, span(s.BeginNS, s.EndNS))
		}
		for _, cl := range l.Closes {
			out.Closes = append(out.Closes, closeJSON{TimeNS: cl.TimeNS, Outcome: cl.Outcome})
		}
	}
	for _, r := range lane.Rows {
		out.Rows = append(out.Rows, c.rowJSON(r, steps[r]))
	}
	return out
}

func (c *Chart) rowJSON(r *Row, steps []spanJSON) rowJSON {
	t := r.Task
	out := rowJSON{Count: r.Count, Live: r.Live, CancelsNS: []int64{}, Steps: steps, SpawnedNS: t.SpawnedNS}
	if steps == nil {
		out.Steps = []spanJSON{}
	}
	if t.Site != nil {
		out.Coro = t.Site.Coro
	}
	if r.Count > 1 {
		return out
	}
	out.Task, out.Name, out.Outcome = &t.ID, t.Name, t.Outcome
	out.FirstStepNS, out.EndedNS = whenKnown(t.FirstStepNS), whenKnown(t.EndedNS)
	for i := range t.Cancels {
		out.CancelsNS = append(out.CancelsNS, t.Cancels[i].TimeNS)
	}
	if l := c.Moment.Live[t]; l != nil {
		out.State = &l.State
		if l.On.Kind != "" && l.On.Kind != "none" {
			out.WaitsFor = &l.On.Kind
		}
	}
	return out
}

// stepSpans returns the steps in the window by row.
func (c *Chart) stepSpans() map[*Row][]spanJSON {
	out := map[*Row][]spanJSON{}
	if c.run.Timeline == nil {
		return out
	}
	for i := range c.run.Timeline.Steps {
		s := &c.run.Timeline.Steps[i]
		if s.BeginNS > c.ToNS {
			break
		}
		if r := c.row(s.Task); r != nil && (s.EndNS == 0 || s.EndNS >= c.FromNS) {
			out[r] = append(out[r], span(s.BeginNS, s.EndNS))
		}
	}
	return out
}

func span(begin, end int64) spanJSON { return spanJSON{&begin, whenKnown(end)} }

func whenKnown(ns int64) *int64 {
	if ns == 0 {
		return nil
	}
	return &ns
}
