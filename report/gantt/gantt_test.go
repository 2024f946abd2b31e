package gantt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/tasklist"
	"github.com/rogpeppe/go-internal/txtar"
)

// eachTrace hands the golden traces to a test.
func eachTrace(t *testing.T, test func(t *testing.T, res *analyze.Result)) {
	t.Helper()
	files, _ := filepath.Glob("../../testdata/traces/*.txtar")
	if len(files) == 0 {
		t.Fatal("no traces")
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name != "trace" {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				src, err := tracefile.ReadText(bytes.NewReader(f.Data))
				if err != nil {
					t.Fatal(err)
				}
				run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{}})
				if err != nil {
					t.Fatal(err)
				}
				test(t, rule.Check(run, "test"))
			})
		}
	}
}

func queries() []Query {
	var list []Query
	for _, rows := range []int{0, 1, 2, 3, 40} {
		for _, at := range []tasklist.When{{}, {Kind: tasklist.End}, {Kind: tasklist.Instant, TimeNS: 150_000_000}} {
			list = append(list, Query{At: at, MaxRows: rows}, Query{At: at, MaxRows: rows, All: true})
		}
	}
	return list
}

// Every task of the window is in a row or counted as hidden, and there are no more rows than asked for.
func TestRowsStandForAllTasks(t *testing.T) {
	eachTrace(t, func(t *testing.T, res *analyze.Result) {
		for _, q := range queries() {
			c, err := Build(res, q)
			if err != nil {
				t.Fatal(err)
			}
			tasks, rows := c.Hidden, 0
			for _, lane := range c.Lanes {
				for _, r := range lane.Rows {
					tasks += r.Count
					rows++
				}
			}
			if tasks != c.Tasks || c.Hidden < 0 {
				t.Errorf("%+v: %d tasks in rows and hidden (%d), want %d", q, tasks, c.Hidden, c.Tasks)
			}
			if q.MaxRows > 0 && rows > q.MaxRows {
				t.Errorf("%+v: %d rows", q, rows)
			}
			if q.MaxRows == 0 && c.Hidden > 0 {
				t.Errorf("%+v: %d hidden", q, c.Hidden)
			}
			if m := c.Moment.TimeNS; q.At.Kind != tasklist.Instant && (m < c.FromNS || m > c.ToNS) {
				t.Errorf("%+v: the moment %d is not in %d to %d", q, m, c.FromNS, c.ToNS)
			}
		}
	})
}

// The cells of a task hold the time that its steps took in the window.
func TestCellsAddUp(t *testing.T) {
	eachTrace(t, func(t *testing.T, res *analyze.Result) {
		c, err := Build(res, Query{All: true})
		if err != nil {
			t.Fatal(err)
		}
		c.Fill(77)
		for _, lane := range c.Lanes {
			for _, r := range lane.Rows {
				got, open := 0.0, false
				for _, cell := range r.Cells {
					got += float64(cell.Busy) * c.CellNS()
				}
				for _, s := range res.Run.Timeline.Steps {
					open = open || s.Task == r.Task && s.EndNS == 0
				}
				if want := float64(r.Task.BusyNS); !open && r.Task.Inherited == nil && math.Abs(got-want) > 0.001*want+10 {
					t.Errorf("task %d: %.0f ns in the cells, %.0f in all", r.Task.ID, got, want)
				}
			}
		}
	})
}

// manyLive is a close that left n tasks of one site pending, and one of another, and a hundred that had ended.
func manyLive(n int) *analyze.Result {
	p := &analyze.Process{ID: 1, Main: true, StartedNS: 1, Exit: analyze.Exit{TimeNS: 2e9}}
	loop := &analyze.Loop{ID: 1, Process: p, OpenedNS: 1e6, Stack: []analyze.Frame{{File: "a.py"}}, LastNS: 1e9}
	cl := &analyze.Close{Loop: loop, Process: p, TimeNS: 1e9, Outcome: "closed"}
	loop.ClosedBy, loop.Closes, p.Loops = cl, []*analyze.Close{cl}, []*analyze.Loop{loop}
	run := &analyze.Run{Processes: []*analyze.Process{p}, Loops: p.Loops, Closes: loop.Closes, Timeline: &analyze.Timeline{}}
	one, many, ended := &analyze.Site{Coro: "one"}, &analyze.Site{Coro: "many"}, &analyze.Site{Coro: "ended"}
	add := func(site *analyze.Site) *analyze.Task {
		at := int64(len(run.Tasks))*1000 + 2e6
		task := &analyze.Task{
			ID: len(run.Tasks) + 1, Process: p, Loop: loop, Site: site, BirthSeen: true, SpawnedNS: at, FirstStepNS: at + 5e8, Steps: 1,
			BusyNS: 1000, Outcome: "pending",
		}
		run.Tasks = append(run.Tasks, task)
		run.Timeline.Steps = append(run.Timeline.Steps, analyze.Step{BeginNS: at + 5e8, EndNS: at + 5e8 + 1000, Task: task, Loop: loop})
		return task
	}
	for i := range n {
		cl.Live = append(cl.Live, &analyze.Live{Task: add(many), State: "suspended"})
		if i == n/2 {
			cl.Live = append(cl.Live, &analyze.Live{Task: add(one), State: "suspended"})
		}
	}
	for range 100 {
		task := add(ended)
		task.Outcome, task.EndedNS = "raised", task.FirstStepNS+1000
	}
	return &analyze.Result{Run: run}
}

func rowText(c *Chart) string {
	var b strings.Builder
	for _, lane := range c.Lanes {
		for _, r := range lane.Rows {
			fmt.Fprintf(&b, "%s*%d live=%v; ", r.Task.Site.Coro, r.Count, r.Live)
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// Of many tasks of one site some have rows, and the others share one; the task that is alone keeps its row.
func TestSitesShareRows(t *testing.T) {
	for rows, want := range map[int]string{
		1:  "many*10000 live=true",
		3:  "many*10000 live=true; one*1 live=true; ended*100 live=false",
		6:  strings.Repeat("many*1 live=true; ", 3) + "many*9997 live=true; one*1 live=true; ended*100 live=false",
		40: strings.Repeat("many*1 live=true; ", 5) + "many*9995 live=true; one*1 live=true; " + strings.Repeat("ended*1 live=false; ", 5) + "ended*95 live=false",
	} {
		c, err := Build(manyLive(10_000), Query{MaxRows: rows})
		if err != nil {
			t.Fatal(err)
		}
		if got := rowText(c); got != want {
			t.Errorf("%d rows: got\n%s\nwant\n%s", rows, got, want)
		}
	}
}

// The window begins and ends where it should.
func TestWindow(t *testing.T) {
	res := manyLive(3)
	for _, c := range []struct {
		name     string
		q        Query
		from, to int64
		err      error
	}{
		{"the whole run", Query{All: true}, 1, 2e9, nil},
		{"from and to", Query{FromNS: 5e8, ToNS: 6e8}, 5e8, 6e8, nil},
		{"from behind the close", Query{FromNS: 15e8}, 15e8, 2e9, nil},
		{"nothing", Query{FromNS: 6e8, ToNS: 5e8}, 0, 0, ErrEmpty},
		{"one task", Query{Tasks: res.Run.Tasks[4:5]}, 0, 518_671_700, nil},
	} {
		got, err := Build(res, c.q)
		if err != c.err {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err == nil && (got.FromNS != c.from || got.ToNS != c.to) {
			t.Errorf("%s: %d to %d, want %d to %d", c.name, got.FromNS, got.ToNS, c.from, c.to)
		}
	}
	if _, err := Build(&analyze.Result{Run: &analyze.Run{}}, Query{At: tasklist.When{Kind: tasklist.Close}}); err != tasklist.ErrNoClose {
		t.Errorf("without a close: %v", err)
	}
}

// An empty run is no reason to fail.
func TestEmptyRun(t *testing.T) {
	c, err := Build(&analyze.Result{Run: &analyze.Run{}}, Query{})
	if err != nil {
		t.Fatal(err)
	}
	c.Fill(10)
}

// What happened is where it happened.
func TestMarks(t *testing.T) {
	res := manyLive(1)
	res.Run.Tasks[0].Cancels = []analyze.Cancel{{TimeNS: 9e8}}
	c, err := Build(res, Query{FromNS: 1, ToNS: 2e9})
	if err != nil {
		t.Fatal(err)
	}
	c.Fill(20)
	row := c.Lanes[0].Rows[0]
	text := ""
	for _, cell := range row.Cells {
		switch {
		case cell.Mark != None:
			text += fmt.Sprint(cell.Mark)
		case cell.Busy > 0:
			text += "#"
		default:
			text += string("_?.-="[cell.State])
		}
	}
	if want := fmt.Sprintf("%d....#--%d%d__________", Spawned, Cancel, Closed); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

// The JSON is complete and has no null lists.
func TestJSON(t *testing.T) {
	eachTrace(t, func(t *testing.T, res *analyze.Result) {
		c, err := Build(res, Query{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := c.JSON(&b); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Schema string
			Lanes  []struct {
				Runs, Shutdowns, Closes, Rows []json.RawMessage
			}
		}
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc.Schema != Schema || len(doc.Lanes) != len(c.Lanes) {
			t.Fatalf("%v: %s", err, b.String())
		}
		for _, lane := range doc.Lanes {
			if lane.Runs == nil || lane.Shutdowns == nil || lane.Closes == nil || lane.Rows == nil {
				t.Errorf("a list is null: %s", b.String())
			}
		}
	})
}
