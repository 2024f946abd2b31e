package tasklist

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// When is the moment that a list is of.
type When struct {
	Kind   Kind
	TimeNS int64 // for Instant: since the run's start
}

// Kind of a moment.
type Kind int

// The moments.
const (
	Whole   Kind = iota // no moment: every task with its outcome
	Close               // the close() that a finding is about, else the last one
	End                 // the end of the processes
	Instant             // a time
)

// ParseWhen reads "", "close", "end", a duration ("1.5s", "200ms") or a whole number of ns since the run's start.
func ParseWhen(s string) (When, error) {
	switch s {
	case "":
		return When{}, nil
	case "close":
		return When{Kind: Close}, nil
	case "end":
		return When{Kind: End}, nil
	}
	if ns, err := strconv.ParseInt(s, 10, 64); err == nil && ns >= 0 {
		return When{Kind: Instant, TimeNS: ns}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return When{Kind: Instant, TimeNS: int64(d)}, nil
	}
	return When{}, fmt.Errorf("no moment: %q", s)
}

// Times returns the time that is asked for, as analyze.Options.At takes it; nil if it is none.
func (w When) Times() []int64 {
	if w.Kind != Instant {
		return nil
	}
	return []int64{w.TimeNS}
}

// ErrNoClose says that no loop was closed in the run.
var ErrNoClose = errors.New("no loop was closed in this run")

// DecisiveClose returns the close that a result is about: that of the first finding that has one, else the last that the
// program made. nil if there is none.
func DecisiveClose(res *analyze.Result) *analyze.Close {
	for i := range res.Findings {
		if c := res.Findings[i].Close; c != nil {
			return c
		}
	}
	for i := len(res.Run.Closes) - 1; i >= 0; i-- {
		if c := res.Run.Closes[i]; !c.Implicit && c.Outcome != "noop" {
			return c
		}
	}
	return nil
}

func rowsAt(res *analyze.Result, at When) (*List, error) {
	run := res.Run
	switch at.Kind {
	case Close:
		c := DecisiveClose(res)
		if c == nil {
			return nil, ErrNoClose
		}
		return &List{Rows: liveRows(c.Live, c.TimeNS), Moment: closeWords(c)}, nil
	case End:
		return endRows(run), nil
	case Instant:
		return &List{Rows: instantRows(run, at.TimeNS), Moment: "live at " + seconds(at.TimeNS) + beyond(run, at.TimeNS), Counted: counted(run)}, nil
	}
	rows := make([]Row, 0, len(run.Tasks))
	last := LastLive(run)
	for _, t := range run.Tasks {
		rows = append(rows, RowOf(run, last, t))
	}
	return &List{Rows: rows, Counted: counted(run)}, nil
}

// RowOf returns a task with how it ended; last is what LastLive returned.
func RowOf(run *analyze.Run, last map[*analyze.Task]*analyze.Live, t *analyze.Task) Row {
	state := t.Outcome
	if state == "" {
		state = "pending"
	}
	row := Row{Task: t, State: state, TotalNS: total(t, endOf(t.Process, run)), Steps: t.Steps, BusyNS: t.BusyNS}
	if !ended(state) {
		row.Live = last[t]
	}
	return row
}

// counted returns how many tasks the analyzer only counted.
func counted(run *analyze.Run) int {
	n := 0
	for _, s := range run.Folded {
		n += s.Spawned
	}
	return max(n-len(run.Tasks), 0)
}

func closeWords(c *analyze.Close) string {
	words := "live when the loop was closed"
	switch c.Outcome {
	case "refused":
		words = "live when close() was refused"
	case "seen":
		words = "live when " + (&wording.Phraser{}).Closed(c) + " ran"
	}
	return words + " at " + seconds(c.TimeNS)
}

func seconds(ns int64) string { return fmt.Sprintf("%.3f s", float64(ns)/1e9) }

func liveRows(live []*analyze.Live, timeNS int64) []Row {
	rows := make([]Row, 0, len(live))
	for _, l := range live {
		row := Row{Task: l.Task, State: l.State, Live: l, TotalNS: total(l.Task, timeNS), Steps: l.Steps, BusyNS: -1}
		if l.Steps == l.Task.Steps {
			row.BusyNS = l.Task.BusyNS
		}
		rows = append(rows, row)
	}
	return rows
}

// endRows lists what was live when the processes ended, and the tasks that were left pending by a close before.
func endRows(run *analyze.Run) *List {
	list := &List{Moment: "not done when the process ended"}
	if len(run.Processes) == 1 {
		list.Moment = "not done " + wording.EndWords(run.Processes[0])
	}
	seen := map[*analyze.Task]bool{}
	for _, p := range run.Processes {
		list.Rows = append(list.Rows, liveRows(p.Exit.Live, p.Exit.TimeNS)...)
		for _, l := range p.Exit.Live {
			seen[l.Task] = true
		}
	}
	last := LastLive(run)
	for _, t := range run.Tasks {
		if !seen[t] && !ended(t.Outcome) {
			list.Rows = append(list.Rows, Row{
				Task: t, State: "pending", Live: last[t], TotalNS: total(t, endOf(t.Process, run)), Steps: t.Steps, BusyNS: t.BusyNS,
			})
		}
	}
	return list
}

func instantRows(run *analyze.Run, timeNS int64) []Row {
	var rows []Row
	told := map[*analyze.Process]bool{}
	for _, p := range run.Processes {
		told[p] = p.Go()
		if s := SnapshotAt(p, timeNS); s != nil {
			rows = append(rows, liveRows(s.Live, timeNS)...)
		}
	}
	for _, t := range run.Tasks {
		if told[t.Process] {
			continue
		}
		if t.SpawnedNS > timeNS || t.EndedNS != 0 && t.EndedNS <= timeNS {
			continue
		}
		state := "live"
		if t.FirstStepNS == 0 || t.FirstStepNS > timeNS {
			state = "not-started"
		}
		rows = append(rows, Row{Task: t, State: state, TotalNS: timeNS - t.SpawnedNS, Steps: -1, BusyNS: -1})
	}
	return rows
}

// beyond says that a moment is later than anything that was recorded.
func beyond(run *analyze.Run, timeNS int64) string {
	end := run.Info.DurationNS
	for _, p := range run.Processes {
		end = max(end, p.Exit.TimeNS)
	}
	if timeNS <= end {
		return ""
	}
	return ": the recording ends at " + seconds(end)
}

// SnapshotAt returns what was live in a process at a moment that was asked for as it was read; nil if it is not known.
func SnapshotAt(p *analyze.Process, timeNS int64) *analyze.Snapshot {
	for _, s := range p.Snapshots {
		if s.TimeNS == max(timeNS, 1) {
			return s
		}
	}
	return nil
}

// LastLive returns for each task that was found live at some moment what it did at the last such moment.
func LastLive(run *analyze.Run) map[*analyze.Task]*analyze.Live {
	last := map[*analyze.Task]*analyze.Live{}
	at := map[*analyze.Task]int64{}
	take := func(live []*analyze.Live, timeNS int64) {
		for _, l := range live {
			if before, ok := at[l.Task]; !ok || timeNS >= before {
				last[l.Task], at[l.Task] = l, timeNS
			}
		}
	}
	for _, l := range run.Loops {
		for _, s := range l.Shutdowns {
			take(s.Live, s.BeginNS)
		}
	}
	for _, c := range run.Closes {
		take(c.Live, c.TimeNS)
	}
	for _, p := range run.Processes {
		take(p.Exit.Live, math.MaxInt64)
	}
	return last
}

func endOf(p *analyze.Process, run *analyze.Run) int64 {
	if p != nil && p.Exit.TimeNS > 0 {
		return p.Exit.TimeNS
	}
	return run.Info.DurationNS
}

func total(t *analyze.Task, untilNS int64) int64 {
	if t.EndedNS != 0 && t.EndedNS < untilNS {
		untilNS = t.EndedNS
	}
	return max(untilNS-t.SpawnedNS, 0)
}
