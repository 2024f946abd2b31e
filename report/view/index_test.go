package view

import (
	"fmt"
	"slices"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/term"
	"pgregory.net/rapid"
)

// radix sorts as a stable sort does.
func TestRadix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 5))).Draw(t, "keys")
		want := make([]int32, len(keys))
		for i := range want {
			want[i] = int32(i)
		}
		slices.SortStableFunc(want, func(a, b int32) int {
			switch {
			case keys[a] < keys[b]:
				return -1
			case keys[a] > keys[b]:
				return 1
			}
			return 0
		})
		if got := radix(keys); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// The cursor is always in sight and on a row that there is.
func TestRowsStayInSight(t *testing.T) {
	keys := []string{"up", "down", "pgup", "pgdown", "space", "g", "G", "j", "k"}
	rapid.Check(t, func(t *rapid.T) {
		r := rows{n: rapid.IntRange(0, 50).Draw(t, "n"), height: rapid.IntRange(1, 20).Draw(t, "height")}
		for range rapid.IntRange(1, 40).Draw(t, "presses") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				r.n = rapid.IntRange(0, 50).Draw(t, "n")
				r.move(r.cursor)
			case 1:
				r.height = rapid.IntRange(1, 20).Draw(t, "height")
				r.move(r.cursor)
			default:
				r.key(rapid.SampledFrom(keys).Draw(t, "key"))
			}
			from, to := r.window()
			if r.n > 0 && (r.cursor < from || r.cursor >= to) || from < 0 || to > r.n || to-from > r.height {
				t.Fatalf("cursor %d in %d to %d of %d", r.cursor, from, to, r.n)
			}
			if r.n >= r.height && to-from != r.height {
				t.Fatalf("%d rows shown, room for %d", to-from, r.height)
			}
		}
	})
}

// A filter finds a text wherever it is shown, and nothing else.
func TestFilter(t *testing.T) {
	x := newIndex(recorded(t, "deadlock", nil))
	for text, want := range map[string]string{
		"":                "[1 2 3 4]",
		"B-TO":            "[3]",
		"transfer":        "[2 3]",
		"transfer a-":     "[2]",
		"l*r":             "[4]",
		"returned":        "[1]",
		"suspended":       "[2 3 4]",
		"live":            "[2 3 4]",
		"app.py":          "[1 2 3 4]",
		"queue":           "[4]",
		"nothing at all*": "[]",
	} {
		pass := x.matcher(filter{text: text})
		got := []int{}
		for _, task := range x.tasks {
			if pass.passes(task) {
				got = append(got, task.ID)
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

// The tasks of a finding are found the quick way and the long one.
func TestPickOnly(t *testing.T) {
	x := newIndex(recorded(t, "refused", nil))
	only := []*analyze.Task{x.tasks[7], x.tasks[3]}
	order := x.order(colID)
	quick := x.pickOnly(order, only)
	if got := x.pick(order, filter{only: only}, func() bool { return false }); !slices.Equal(got, quick) || len(quick) != 2 || quick[0] != 3 {
		t.Errorf("got %v and %v", got, quick)
	}
}

// Between a wake-up and the step that follows a task is scheduled.
func TestScheduled(t *testing.T) {
	a, b := &analyze.Task{ID: 1}, &analyze.Task{ID: 2}
	tl := &analyze.Timeline{
		Wakes: []analyze.Wake{{TimeNS: 10, Task: a}, {TimeNS: 12, Task: a}, {TimeNS: 20, Task: b}, {TimeNS: 40, Task: a}},
		Steps: []analyze.Step{{BeginNS: 15, EndNS: 16, Task: a}, {BeginNS: 30, EndNS: 31, Task: b}, {BeginNS: 35, EndNS: 36, Task: a}},
	}
	if got := scheduled([]*analyze.Task{a, b}, tl); !slices.Equal(got, []int64{5, 10}) {
		t.Errorf("got %v", got)
	}
}

func TestHistogram(t *testing.T) {
	times := []int64{900, 1500, 1500, 1500, 1500, 1500, 1500, 1500, 7000, 90_000}
	got := histogram(times, 12, term.Options{ASCII: true})
	want := []string{
		"10 steps: p50 1.50 us, p90 7.00 us, p99 90.0 us, longest 90.0 us (of 12; the others are not kept)",
		"< 1.00 us  ##### 1",
		"< 2.00 us  ######################################## 7",
		"< 5.00 us   0",
		"< 10.0 us  ##### 1",
		"< 20.0 us   0",
		"< 50.0 us   0",
		" < 100 us  ##### 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := histogram(nil, 3, term.Options{}); len(got) != 1 {
		t.Errorf("without steps: %q", got)
	}
}

// Each column has room for its title, and all together fit the width.
func TestLayout(t *testing.T) {
	x := newIndex(recorded(t, "refused", nil))
	for width := leastWidth; width < 300; width++ {
		l := x.layout(width)
		if l.total() > width || width >= 60 && l.total() != width {
			t.Errorf("%d columns for a width of %d", l.total(), width)
		}
		for _, c := range []column{colWarn, colID, colState, colName} {
			if l[c] == 0 {
				t.Errorf("width %d: no %s", width, c.title())
			}
		}
	}
}
