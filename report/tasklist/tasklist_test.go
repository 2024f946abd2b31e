package tasklist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
	"pgregory.net/rapid"
)

// sample is a run of four tasks: one returned, one cancelled, two live at the close of which one stayed pending.
func sample() *analyze.Result {
	process := &analyze.Process{ID: 1, PID: 7, Main: true, Exit: analyze.Exit{TimeNS: 1000}}
	at := &analyze.Frame{File: "/srv/app.py", Line: 3, Function: "main", Text: "create_task(worker())"}
	task := func(id int, name, coro, outcome string, spawned, ended, busy int64) *analyze.Task {
		return &analyze.Task{
			ID: id, Process: process, Name: name, Site: &analyze.Site{Coro: coro, At: at}, SpawnedNS: spawned, EndedNS: ended, FirstStepNS: spawned + 5,
			Steps: id, BusyNS: busy, Outcome: outcome,
		}
	}
	main := task(1, "main", "main", "returned", 10, 900, 5)
	one := task(2, "worker-1", "work", "cancelled", 20, 800, 50)
	two := task(3, "worker-2", "work", "pending", 30, 0, 30)
	late := task(4, "=late", "other", "pending", 500, 0, 0)
	wait := &analyze.Frame{File: "/srv/queue.py", Line: 9, Function: "work", Text: "await get()"}
	c := &analyze.Close{TimeNS: 700, Outcome: "closed", Process: process, Live: []*analyze.Live{
		{Task: two, State: "suspended", At: wait, On: analyze.On{Kind: "queue"}, Steps: 2},
		{Task: late, State: "not-started"},
	}}
	implicit := &analyze.Close{TimeNS: 990, Outcome: "closed", Implicit: true}
	return &analyze.Result{Run: &analyze.Run{
		Processes: []*analyze.Process{process}, Closes: []*analyze.Close{c, implicit}, Tasks: []*analyze.Task{main, one, two, late},
		Folded: []analyze.SiteCount{{Spawned: 10}},
	}}
}

func ids(l *List) []int {
	out := []int{}
	for _, r := range l.Rows {
		out = append(out, r.Task.ID)
	}
	return out
}

func TestSelect(t *testing.T) {
	cases := []struct {
		name string
		q    Query
		want []int
	}{
		{"all", Query{}, []int{1, 2, 3, 4}},
		{"by busy, most first", Query{Sort: "busy"}, []int{2, 3, 1, 4}},
		{"reverse", Query{Sort: "busy", Reverse: true}, []int{4, 1, 3, 2}},
		{"by end, the endless last", Query{Sort: "ended"}, []int{2, 1, 3, 4}},
		{"pattern", Query{Filter: []string{"worker-*"}}, []int{2, 3}},
		{"part, any case", Query{Filter: []string{"WORKER"}}, []int{2, 3}},
		{"both must match", Query{Filter: []string{"worker", "queue.py"}}, []int{3}},
		{"state", Query{States: []string{"cancelled", "returned"}}, []int{1, 2}},
		{"live", Query{States: []string{"live"}}, []int{3, 4}},
		{"at close", Query{At: When{Kind: Close}}, []int{3, 4}},
		{"at end", Query{At: When{Kind: End}}, []int{3, 4}},
		{"at the spawn", Query{At: When{Kind: Instant, TimeNS: 20}}, []int{1, 2}},
		{"at the end of one", Query{At: When{Kind: Instant, TimeNS: 800}}, []int{1, 3, 4}},
		{"not started yet", Query{At: When{Kind: Instant, TimeNS: 32}, States: []string{"not-started"}}, []int{3}},
	}
	for _, c := range cases {
		list, err := Select(sample(), c.q)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, ids(list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What a task did up to a moment is not what it did in all.
func TestNumbersAreOfTheMoment(t *testing.T) {
	list, err := Select(sample(), Query{At: When{Kind: Close}})
	if err != nil {
		t.Fatal(err)
	}
	if r := list.Rows[0]; r.Steps != 2 || r.BusyNS != -1 || r.TotalNS != 670 || r.State != "suspended" {
		t.Errorf("got %d steps, %d ns busy, %d ns, %s", r.Steps, r.BusyNS, r.TotalNS, r.State)
	}
	if whole, _ := Select(sample(), Query{}); whole.Counted != 6 || whole.Rows[2].BusyNS != 30 {
		t.Errorf("got %d counted, %d ns busy", whole.Counted, whole.Rows[2].BusyNS)
	}
}

func TestSelectRefuses(t *testing.T) {
	var value *ValueError
	if _, err := Select(sample(), Query{States: []string{"dead"}}); !errors.As(err, &value) || value.Flag != "state" {
		t.Errorf("got %v", err)
	}
	if _, err := Select(sample(), Query{Sort: "size"}); !errors.As(err, &value) || value.Flag != "sort" {
		t.Errorf("got %v", err)
	}
	if _, err := Select(sample(), Query{Filter: []string{"[a*"}}); err == nil {
		t.Error("a broken pattern is accepted")
	}
	open := sample()
	open.Run.Closes = open.Run.Closes[1:]
	if _, err := Select(open, Query{At: When{Kind: Close}}); !errors.Is(err, ErrNoClose) {
		t.Errorf("got %v", err)
	}
}

func TestParseWhen(t *testing.T) {
	for in, want := range map[string]When{
		"": {}, "close": {Kind: Close}, "end": {Kind: End}, "1.5s": {Kind: Instant, TimeNS: 1_500_000_000},
		"200ms": {Kind: Instant, TimeNS: 200_000_000}, "42": {Kind: Instant, TimeNS: 42},
	} {
		if got, err := ParseWhen(in); err != nil || got != want {
			t.Errorf("ParseWhen(%q): got %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"noon", "-1s", "-5", "1.5"} {
		if got, err := ParseWhen(in); err == nil {
			t.Errorf("ParseWhen(%q): got %+v, want an error", in, got)
		}
	}
}

func TestEncodings(t *testing.T) {
	res := sample()
	res.Run.Tasks[0].Name = "a\x1b[2J\u202e,\"b\""
	list, err := Select(res, Query{})
	if err != nil {
		t.Fatal(err)
	}
	var j, c bytes.Buffer
	if err := errors.Join(list.JSON(&j), list.CSV(&c)); err != nil {
		t.Fatal(err)
	}
	if text := j.String() + c.String(); strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("an escape got through: %q", text)
	}
	var records []record
	if err := json.Unmarshal(j.Bytes(), &records); err != nil || len(records) != 4 || records[0].Name != res.Run.Tasks[0].Name {
		t.Errorf("got %+v, %v", records, err)
	}
	rows, err := csv.NewReader(&c).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][4] != `a\x1b[2J\u202e,"b"` {
		t.Errorf("got %q, %v", rows, err)
	}
	var empty bytes.Buffer
	if err := (&List{}).JSON(&empty); err != nil || empty.String() != "[]\n" {
		t.Errorf("got %q, %v", empty.String(), err)
	}
}

// A filter without wildcards finds parts whatever their case, as the words in lower case say.
func TestMatcher(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOf(rapid.SampledFrom([]rune("aAbBzZ@[{é名 -1")))
		filter, text := letters.Draw(t, "filter"), letters.Draw(t, "text")
		if strings.Contains(filter, "[") {
			return
		}
		if got, want := Match(filter, text), strings.Contains(strings.ToLower(text), strings.ToLower(filter)); got != want {
			t.Fatalf("%q in %q: got %v", filter, text, got)
		}
	})
}
