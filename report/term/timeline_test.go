package term

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/rogpeppe/go-internal/txtar"
)

// recorded judges a golden trace, changed if change is not nil.
func recorded(t *testing.T, name string, change func(string) string) *analyze.Result {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("..", "..", "testdata", "traces", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name != "trace" {
			continue
		}
		text := string(f.Data)
		if change != nil {
			text = change(text)
		}
		src, err := tracefile.ReadText(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{}})
		if err != nil {
			t.Fatal(err)
		}
		return rule.Check(run, "test")
	}
	t.Fatal("no trace in it")
	return nil
}

func timelineText(t *testing.T, res *analyze.Result, q gantt.Query, o Options) string {
	t.Helper()
	chart, err := gantt.Build(res, q)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Timeline(&b, res, chart, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTimeline(t *testing.T) {
	for _, c := range []struct {
		trace, suffix string
		q             gantt.Query
		o             Options
	}{
		{"shutdown", "", gantt.Query{MaxRows: 40}, Options{}},
		{"shutdown", "_ascii_60", gantt.Query{MaxRows: 40}, Options{ASCII: true, Width: 60}},
		{"stop", "_140", gantt.Query{MaxRows: 40}, Options{Width: 140}},
		{"stop", "_few", gantt.Query{MaxRows: 3}, Options{}},
		{"threads", "", gantt.Query{MaxRows: 40, All: true}, Options{}},
		{"fork", "_color", gantt.Query{MaxRows: 40}, Options{Color: true}},
		{"killed", "", gantt.Query{MaxRows: 40}, Options{}},
	} {
		t.Run(c.trace+c.suffix, func(t *testing.T) {
			text := timelineText(t, recorded(t, c.trace, nil), c.q, c.o)
			golden(t, "timeline_"+c.trace+c.suffix+".txt", []byte(text))
		})
	}
}

// Whatever tasks are called, no line is longer than the width, unless that is too narrow to show anything.
func TestTimelineKeepsTheWidth(t *testing.T) {
	long := func(text string) string {
		return strings.ReplaceAll(text, "name=Task-1", `name=`+strings.Repeat("名é", 80))
	}
	for _, trace := range []string{"shutdown", "fork", "handlers", "refused"} {
		res := recorded(t, trace, long)
		for _, columns := range []int{50, 80, 100, 133, 240} {
			for line := range strings.Lines(timelineText(t, res, gantt.Query{}, Options{Width: columns})) {
				if n := wording.Width(strings.TrimRight(line, "\n")); n > columns {
					t.Errorf("%s: %d columns, want %d: %s", trace, n, columns, line)
				}
			}
		}
	}
}

// The times stand at round seconds, whatever the window.
func TestTicks(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		cells    int
		want     string
	}{
		{0, 1, 40, "|0.0 s              |0.5 s"},
		{0.18, 0.2, 40, "|0.18 s             |0.19 s"},
		{0.11, 0.2005, 40, "                 |0.15 s         0.20 s|"},
		{3599, 3700, 60, "|3600 s                       |3650 s"},
		{0, 1e-6, 30, "|0.0000000 s   |0.0000005 s"},
	} {
		if got := ticks(c.from, c.to, c.cells); got != c.want {
			t.Errorf("%g to %g: got %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// The legend explains every character of the rows.
func TestLegendIsComplete(t *testing.T) {
	for _, trace := range []string{"shutdown", "stop", "refused", "affinity", "killed"} {
		for _, ascii := range []bool{false, true} {
			text := timelineText(t, recorded(t, trace, nil), gantt.Query{}, Options{ASCII: ascii})
			_, rest, _ := strings.Cut(text, "\n\n")
			chart, legend, _ := strings.Cut(rest, "\n\n")
			for line := range strings.Lines(chart) {
				if !strings.Contains(line, "Task-") || len([]rune(line)) < 60 {
					continue
				}
				for _, r := range []rune(strings.TrimSpace(line))[45:60] {
					if r != ' ' && !strings.ContainsRune(legend, r) {
						t.Errorf("%s: %q is not in the legend: %s", trace, r, legend)
					}
				}
			}
		}
	}
}
