package term

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Limits of the parts of a timeline.
const (
	timelineColumns = 100 // where there is no limit
	leastCells      = 20
	waitFrom        = 90 // columns from which on there is room for what tasks wait for
	leastField      = 12
	leastName       = 6
	coroColumns     = 16 // of a coroutine with its class
)

// Timeline writes a chart as rows of one character per piece of time: the loops, below each its tasks, those that were live
// at the chart's moment first.
func Timeline(w io.Writer, res *analyze.Result, chart *gantt.Chart, o Options) error {
	if o.Width <= 0 {
		o.Width = timelineColumns
	}
	p := newPrinter(w, o, res.Run)
	t := &timeline{printer: p, run: res.Run, chart: chart, used: map[glyph]bool{}}
	t.head()
	t.layout()
	t.axis()
	var process *analyze.Process
	for _, lane := range chart.Lanes {
		p.About(res.Run, lane.Process)
		if len(res.Run.Processes) > 1 && lane.Process != process {
			process = lane.Process
			p.paragraph("process "+p.Process(process), bold, "", plainText, 4)
		}
		t.lane(lane)
	}
	t.foot()
	return p.err
}

// timeline is the state of writing one.
type timeline struct {
	*printer
	run    *analyze.Run
	chart  *gantt.Chart
	left   int   // columns of the labels
	fields []int // of a task's label: id, name, coroutine, place
	right  int   // columns of what tasks wait for
	used   map[glyph]bool
}

// head says which moment it is about.
func (t *timeline) head() {
	m := &t.chart.Moment
	switch {
	case m.Close != nil:
		t.About(t.run, m.Close.Process)
		lead := fmt.Sprintf("loop %d was closed", loopNumber(m.Close.Loop))
		switch m.Close.Outcome {
		case "seen":
			lead = t.Closed(m.Close) + " ran"
		case "refused":
			lead = "close() was refused"
		case "raised":
			lead = "close() raised an exception"
		case "":
			lead = "the process died in close()"
		}
		t.paragraph(lead+" ", bold, fmt.Sprintf("at %s%s: %s live", wording.Instant(m.TimeNS), t.closePlace(m.Close), wereLive(liveOf(m.Live), wording.Noun(t.run))), plainText, 4)
	case m.Exact:
		t.paragraph("the end ", bold, fmt.Sprintf("at %s: %s live", wording.Instant(m.TimeNS), wereLive(liveOf(m.Live), wording.Noun(t.run))), plainText, 4)
	default:
		t.paragraph("at "+wording.Instant(m.TimeNS)+": ", bold, wereLive(liveOf(m.Live), wording.Noun(t.run))+" live", plainText, 4)
	}
	t.linef("")
}

func (t *timeline) closePlace(c *analyze.Close) string {
	text := ""
	if c.At != nil {
		text = ", " + t.Place(c.At)
	}
	if c.Task != nil {
		text += ", by " + wording.TaskWord(t.Task(c.Task))
	}
	return text
}

func wereLive(live []*analyze.Live, noun string) string {
	switch len(live) {
	case 0:
		return "no " + noun + " was"
	case 1:
		return wording.CountLive(live) + " was"
	}
	return wording.CountLive(live) + " were"
}

// liveOf returns the entries of a moment, in any order.
func liveOf(live map[*analyze.Task]*analyze.Live) []*analyze.Live {
	list := make([]*analyze.Live, 0, len(live))
	for task := range live {
		if task.Known != "" {
			continue
		}
		list = append(list, &analyze.Live{Task: task})
	}
	return list
}

func loopNumber(l *analyze.Loop) int {
	if l == nil {
		return 0
	}
	return l.ID
}

// layout divides the width among labels, cells and waits.
func (t *timeline) layout() {
	t.fields = make([]int, 4)
	rightNeeds, loopNeeds, more := 0, 0, 0
	for _, lane := range t.chart.Lanes {
		t.About(t.run, lane.Process)
		loopNeeds = max(loopNeeds, wording.Width(t.loopLabel(lane)))
		for _, r := range lane.Rows {
			for i, text := range t.label(r) {
				switch {
				case r.Count > 1 && i == 1:
					more = max(more, wording.Width(text))
				default:
					t.fields[i] = max(t.fields[i], wording.Width(text))
				}
			}
			rightNeeds = max(rightNeeds, wording.Width(t.doing(r)))
		}
	}
	limit := max(t.o.Width*2/5, leastCells)
	if t.o.Width >= waitFrom {
		t.right = min(rightNeeds, t.o.Width/4)
		limit = t.o.Width * 37 / 100
	}
	t.fields[1] = max(t.fields[1], more-t.fields[0]-1)
	t.fit(limit)
	t.left = min(max(t.labelColumns(), min(loopNeeds, limit)), limit)
	cells := t.o.Width - t.left - 2
	if t.right > 0 {
		cells -= t.right + 2
	}
	t.chart.Fill(max(cells, leastCells))
}

// labelColumns returns what the fields of a label take, with the mark before and the gaps between them.
func (t *timeline) labelColumns() int {
	total := 2
	for _, w := range t.fields {
		if w > 0 {
			total += w + 1
		}
	}
	return total - 1
}

// fit makes the fields of labels fit a limit: they are shortened as long as they can be read, else the place is left out,
// and then the coroutine.
func (t *timeline) fit(limit int) {
	needs := slices.Clone(t.fields)
	for _, without := range [][]int{nil, {3}, {2, 3}} {
		copy(t.fields, needs)
		for _, i := range without {
			t.fields[i] = 0
		}
		for t.labelColumns() > limit && t.shorten(leastField) {
		}
		if t.labelColumns() <= limit {
			return
		}
	}
	for t.labelColumns() > limit && t.shorten(leastName) {
	}
}

// shorten takes a column from the widest field that is wider than least; false: there is none.
func (t *timeline) shorten(least int) bool {
	widest := 1
	for i := 1; i < len(t.fields); i++ {
		if t.fields[i] > t.fields[widest] {
			widest = i
		}
	}
	if t.fields[widest] <= least {
		return false
	}
	t.fields[widest]--
	return true
}

// label returns the fields of a row's label.
func (t *timeline) label(r *gantt.Row) [4]string {
	var coro, at string
	if s := r.Task.Site; s != nil {
		if s.Coro != "" {
			coro = t.Function(r.Task)
			if wording.Width(coro) > coroColumns && !r.Task.Process.Go() {
				coro = t.Name(s.Coro[strings.LastIndexByte(s.Coro, '.')+1:]) + "()"
			}
		}
		switch {
		case s.Via != "":
			at = t.Name(path.Base(s.Via))
		case s.At != nil:
			at = t.briefly(s.At)
		}
	}
	if r.Count > 1 {
		if !r.Rest {
			return [4]string{"", wording.Count(r.Count, wording.NounOf(r.Task)), coro, at}
		}
		return [4]string{"", fmt.Sprintf("%d more", r.Count), coro, at}
	}
	return [4]string{strconv.Itoa(r.Task.ID), t.Name(r.Task.Name), coro, at}
}

func (t *timeline) loopLabel(lane *gantt.Lane) string {
	l := lane.Loop
	if l == nil {
		return "no loop seen"
	}
	text := t.Phraser.Loop(l)
	if l.Thread != "" {
		text += " in " + t.Name(l.Thread)
	}
	return text
}

// doing says what a live task waited for or did at the moment.
func (t *timeline) doing(r *gantt.Row) string {
	l := t.chart.Moment.Live[r.Task]
	if !r.Live || l == nil || r.Count > 1 {
		return ""
	}
	switch l.State {
	case "running":
		return "running"
	case "runnable":
		return "runnable"
	case "not-started":
		return "not started"
	}
	on := wording.WaitsFor(l.On, t.Task)
	if l.Wait != nil {
		on = t.WaitedBriefly(l.Wait)
	}
	switch {
	case l.At == nil && on == "":
		return "waiting"
	case l.At == nil:
		return on
	case on == "":
		return "at " + t.briefly(l.At)
	}
	return on + " at " + t.briefly(l.At)
}

// briefly returns "app.py:23": there is no room for directories.
func (t *timeline) briefly(f *analyze.Frame) string {
	return fmt.Sprintf("%s:%d", t.Name(path.Base(f.File)), f.Line)
}

func (t *timeline) lane(lane *gantt.Lane) {
	if lane.Loop != nil || len(t.chart.Lanes) > 1 {
		label := wording.Pad(wording.End(t.loopLabel(lane), t.left, t.o.ASCII), t.left)
		t.linef("%s  %s", t.o.paint(bold, label), t.strip(lane.Cells))
	}
	for _, r := range lane.Rows {
		t.row(r)
	}
}

func (t *timeline) row(r *gantt.Row) {
	mark, color := "  ", plainText
	if r.Live {
		mark, color = "* ", yellow
	}
	label := wording.Pad(t.rowLabel(r), t.left-2)
	doing := ""
	if t.right > 0 {
		doing = "  " + wording.End(t.doing(r), t.right, t.o.ASCII)
	}
	t.linef("%s%s  %s%s", t.o.paint(color, mark), label, t.strip(r.Cells), doing)
}

func (t *timeline) rowLabel(r *gantt.Row) string {
	fields := t.label(r)
	id := fields[0]
	texts, columns := fields[1:], slices.Clone(t.fields[1:])
	lead := strings.Repeat(" ", max(t.fields[0]-wording.Width(id), 0)) + id + " "
	if r.Count > 1 { // it has no id, and so more room
		lead = ""
		columns[0] += t.fields[0] + 1
	}
	for i, text := range texts {
		if columns[i] > 0 {
			lead += wording.Pad(wording.Middle(text, columns[i], t.o.ASCII), columns[i]) + " "
		}
	}
	return strings.TrimRight(lead, " ")
}

// foot says what is not shown, and what the characters mean.
func (t *timeline) foot() {
	c := t.chart
	if c.Hidden > 0 || c.HiddenLoops > 0 {
		var more []string
		if c.HiddenLoops > 0 {
			more = append(more, wording.Count(c.HiddenLoops, "more loop"))
		}
		if c.Hidden > 0 {
			more = append(more, wording.Count(c.Hidden, "more "+wording.Noun(t.run)))
		}
		t.paragraph("", plainText, "and "+strings.Join(more, " and ")+": --max-rows 0 shows all", plainText, 4)
	}
	if c.Known > 0 {
		t.paragraph("", plainText, "and "+wording.Count(c.Known, "known goroutine")+": --no-fold shows all", plainText, 4)
	}
	t.linef("")
	t.paragraph("", plainText, t.legend(), faint, 0)
	if c.LostNS > c.FromNS {
		t.paragraph("note: ", cyan, "there were too many steps to keep: those before "+wording.Instant(c.LostNS)+" are not shown", plainText, 6)
	}
	if n := wording.TaskCount(t.run) - len(t.run.Tasks); n > 0 {
		t.paragraph("note: ", cyan, wording.Count(n, "ended "+wording.Noun(t.run))+" were only counted, and are not shown", plainText, 6)
	}
}
