package term

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// glyph is what a cell of a timeline shows.
type glyph int

const (
	blank glyph = iota
	unknown
	notStarted
	waiting
	shuttingDown
	stepsFew
	stepsSome
	stepsMost
	spawned
	closed
	cancelAsked
	returned
	cancelled
	raised
)

// looks says how each glyph is written and what it means; "" is explained by no legend.
func looks(g glyph) (utf8, ascii, means string, s style) {
	switch g {
	case unknown:
		return "?", "?", "not observed", faint
	case notStarted:
		return "·", ".", "not started", faint
	case waiting:
		return "─", "-", "waiting", faint
	case shuttingDown:
		return "═", "=", "shutting down", yellow
	case stepsFew:
		return "░", ":", "", green
	case stepsSome:
		return "▓", "+", "", green
	case stepsMost:
		return "█", "#", "", green
	case spawned:
		return "├", "[", "spawned", plainText
	case closed:
		return "│", "|", "close()", red
	case cancelAsked:
		return "!", "!", "cancel()", yellow
	case returned:
		return "✓", "v", "returned", green
	case cancelled:
		return "c", "c", "ended as cancelled", cyan
	case raised:
		return "✗", "x", "raised", red
	}
	return " ", " ", "", plainText
}

// Shares of a cell that steps take, from which on it looks denser.
const (
	someBusy = 0.1
	mostBusy = 0.5
)

func glyphOf(c gantt.Cell) glyph {
	switch c.Mark {
	case gantt.Returned:
		return returned
	case gantt.Cancelled:
		return cancelled
	case gantt.Raised:
		return raised
	case gantt.Cancel:
		return cancelAsked
	case gantt.Closed:
		return closed
	}
	switch {
	case c.Busy >= mostBusy:
		return stepsMost
	case c.Busy >= someBusy:
		return stepsSome
	case c.Busy > 0:
		return stepsFew
	case c.Mark == gantt.Spawned:
		return spawned
	}
	return map[gantt.State]glyph{
		gantt.Unknown: unknown, gantt.NotStarted: notStarted, gantt.Waiting: waiting, gantt.Shutdown: shuttingDown,
	}[c.State]
}

// strip returns cells as text; neighbours of one style share their colour sequence.
func (t *timeline) strip(cells []gantt.Cell) string {
	var out, same strings.Builder
	last := plainText
	flush := func() {
		out.WriteString(t.o.paint(last, same.String()))
		same.Reset()
	}
	for _, c := range cells {
		g := glyphOf(c)
		t.used[g] = true
		wide, ascii, _, s := looks(g)
		if s != last {
			flush()
			last = s
		}
		if t.o.ASCII {
			wide = ascii
		}
		same.WriteString(wide)
	}
	flush()
	return out.String()
}

// legend explains what the timeline shows, and nothing else.
func (t *timeline) legend() string {
	pick := func(g glyph) string {
		wide, ascii, _, _ := looks(g)
		if t.o.ASCII {
			return ascii
		}
		return wide
	}
	var parts []string
	for _, lane := range t.chart.Lanes {
		for _, r := range lane.Rows {
			if r.Live && len(parts) == 0 {
				parts = append(parts, "* live "+t.momentWords())
			}
		}
	}
	if t.used[stepsFew] || t.used[stepsSome] || t.used[stepsMost] {
		parts = append(parts, fmt.Sprintf("steps: %s up to 10 %%, %s up to half, %s more of the time", pick(stepsFew), pick(stepsSome), pick(stepsMost)))
	}
	for g := unknown; g <= raised; g++ {
		if _, _, means, _ := looks(g); means != "" && t.used[g] {
			parts = append(parts, pick(g)+" "+means)
		}
	}
	return strings.Join(append(parts, "1 column = "+wording.Duration(int64(math.Round(t.chart.CellNS())))), "; ")
}

func (t *timeline) momentWords() string {
	switch m := &t.chart.Moment; {
	case m.Close != nil:
		return wording.CloseMoment(m.Close).Words
	case m.Exact:
		return "at the end"
	}
	return "at " + wording.Instant(t.chart.Moment.TimeNS)
}

// axis writes the moment over its column, and the times.
func (t *timeline) axis() {
	c := t.chart
	lead := strings.Repeat(" ", t.left+2)
	if at := c.Column(c.Moment.TimeNS); at >= 0 && at < c.Cells {
		t.linef("%s%s", lead, t.flag(at))
	}
	t.linef("%s%s", lead, t.o.paint(faint, ticks(float64(c.FromNS)/1e9, float64(c.ToNS)/1e9, c.Cells)))
}

// flag returns the name of the chart's moment, with its pointer in a column.
func (t *timeline) flag(at int) string {
	pointer := "▼"
	if t.o.ASCII {
		pointer = "v"
	}
	text := t.chart.Moment.Words
	if at >= len(text)+1 {
		return strings.Repeat(" ", at-len(text)-1) + t.o.paint(bold, text) + " " + t.o.paint(red, pointer)
	}
	return strings.Repeat(" ", at) + t.o.paint(red, pointer) + " " + t.o.paint(bold, text)
}

// tickColumns is how far apart ticks are at least.
const tickColumns = 12

// ticks returns a line with round times in seconds, each beside the bar that marks its column.
func ticks(from, to float64, cells int) string {
	step := roundStep((to - from) * tickColumns / float64(cells))
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	line := []byte(strings.Repeat(" ", cells))
	first, free := math.Ceil(from/step), 0
	for i := 0; i <= cells; i++ {
		at := (first + float64(i)) * step
		column := int((at - from) / (to - from) * float64(cells))
		label := strconv.FormatFloat(at, 'f', decimals, 64) + " s"
		switch n := len(label) + 1; {
		case column >= cells || column < free:
		case column+n <= cells:
			copy(line[column:], "|"+label)
			free = column + n + 1
		case column+1-n >= free: // there is room on its other side
			copy(line[column+1-n:], label+"|")
			free = cells
		}
	}
	return strings.TrimRight(string(line), " ")
}

// roundStep returns the least of 1, 2 and 5 times a power of ten that is not below a step.
func roundStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)))
	for _, n := range []float64{1, 2, 5} {
		if n*power >= step*(1-1e-9) {
			return n * power
		}
	}
	return 10 * power
}

// Strip writes a chart of one task: the times, its cells, and what they mean.
func Strip(w io.Writer, res *analyze.Result, chart *gantt.Chart, o Options) error {
	if o.Width <= 0 {
		o.Width = timelineColumns
	}
	p := newPrinter(w, o, res.Run)
	t := &timeline{printer: p, run: res.Run, chart: chart, used: map[glyph]bool{}, left: -2}
	chart.Fill(o.Width)
	t.axis()
	for _, lane := range chart.Lanes {
		for _, r := range lane.Rows {
			t.linef("%s", t.strip(r.Cells))
		}
	}
	t.foot()
	return p.err
}
