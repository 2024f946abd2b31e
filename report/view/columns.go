package view

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// column is a column of the table of tasks.
type column int

// The columns, in the order in which they stand.
const (
	colWarn column = iota
	colID
	colState
	colName
	colTotal
	colBusy
	colSched
	colIdle
	colSteps
	colLocation
	colAwaiting
	columns
)

func (c column) title() string {
	return [...]string{"Warn", "ID", "State", "Name", "Total", "Busy", "Sched", "Idle", "Steps", "Location", "Awaiting"}[c]
}

func (c column) right() bool {
	switch c {
	case colID, colTotal, colBusy, colSched, colIdle, colSteps:
		return true
	}
	return false
}

// sorted says in words how a column is sorted when it is not inverted, and when it is.
func (c column) sorted() (plain, inverted string) {
	switch c {
	case colID, colState, colName, colLocation, colAwaiting:
		return "ascending", "descending"
	}
	return "largest first", "smallest first"
}

// layout is how wide the columns of the table are, 0 for those that are not shown.
type layout [columns]int

// Widths of columns.
const (
	numberColumns = 9 // "12.5 ms", "3 min 20 s" is shortened
	leastText     = 8 // of a name or place
	goodText      = 14
	goodWait      = 24 // of what a task waits for
)

// layout divides a width among the columns: those that say least are left out where there is no room for all.
func (x *index) layout(width int) layout {
	var l layout
	maxID := 1
	if n := len(x.tasks); n > 0 {
		maxID = x.tasks[n-1].ID
	}
	l[colWarn], l[colID], l[colState] = 5, max(2, len(strconv.Itoa(maxID))), 11
	l[colTotal], l[colBusy], l[colIdle], l[colSteps] = numberColumns, numberColumns, numberColumns, 6
	if x.sched != nil {
		l[colSched] = numberColumns
	}
	l[colName], l[colLocation], l[colAwaiting] = goodText, goodText, goodWait
	for _, drop := range []column{colIdle, colSched, colBusy, colLocation, colTotal, colSteps} {
		if l.total() <= width {
			break
		}
		l[drop] = 0
	}
	for _, c := range []column{colAwaiting, colName} {
		l[c] -= min(max(l.total()-width, 0), l[c]-leastText)
	}
	if l.total() > width {
		l[colAwaiting] = 0
	}
	spare := width - l.total()
	texts := []column{colAwaiting, colName, colAwaiting, colLocation}
	for i := 0; spare > 0; i++ {
		if c := texts[i%len(texts)]; l[c] > 0 {
			l[c]++
			spare--
		}
	}
	return l
}

// lead is what stands before the first column: the cursor and the mark of live tasks.
const lead = 2

func (l *layout) total() int {
	n := lead
	for _, w := range l {
		if w > 0 {
			n += w + 1
		}
	}
	return n - 1
}

// header is the line of titles, with an arrow at the column that is sorted by.
func (l *layout) header(a arrangement, o Options) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", lead))
	for c := range columns {
		if l[c] == 0 {
			continue
		}
		title := c.title()
		if c == a.by {
			arrow := o.pick("▼", "v")
			if down, _ := c.sorted(); (down == "ascending") != a.inverted {
				arrow = o.pick("▲", "^")
			}
			title = wording.End(title, l[c]-1, o.Text.ASCII) + arrow
		}
		b.WriteString(fit(title, l[c], c.right(), o.Text.ASCII))
		b.WriteByte(' ')
	}
	return strings.TrimSuffix(b.String(), " ")
}

// cells writes the cells of a task.
func (m *Model) cells(l *layout, i int32) string {
	x := m.index
	t := x.tasks[i]
	m.words.About(x.run, t.Process)
	row := x.row(t)
	var b strings.Builder
	for c := range columns {
		if l[c] == 0 {
			continue
		}
		b.WriteString(fit(m.cell(c, i, row, l[c]), l[c], c.right(), m.o.Text.ASCII))
		b.WriteByte(' ')
	}
	return strings.TrimSuffix(b.String(), " ")
}

// cell returns the text of one cell, made harmless. Places are without their directories where there is no room for them.
func (m *Model) cell(c column, i int32, row tasklist.Row, room int) string {
	t := row.Task
	switch c {
	case colWarn:
		if w := m.index.warns[t]; w.count > 0 {
			return fmt.Sprintf("%s%d", strings.ToUpper(string(w.severity)[:1]), w.count)
		}
	case colID:
		return strconv.Itoa(t.ID)
	case colState:
		return row.State
	case colName:
		if t.Name == "" && t.Site != nil {
			return m.words.Function(t)
		}
		return m.words.Name(t.Name)
	case colTotal:
		return wording.Duration(row.TotalNS)
	case colBusy:
		return wording.Duration(row.BusyNS)
	case colSched:
		return wording.Duration(m.index.sched[i])
	case colIdle:
		return wording.Duration(m.index.idle(i, row))
	case colSteps:
		return strconv.Itoa(row.Steps)
	case colLocation:
		return m.location(row, room)
	case colAwaiting:
		return m.awaiting(row, room)
	}
	return ""
}

// at returns "src/app.py:23", or "app.py:23" where that does not fit.
func (m *Model) at(f *analyze.Frame, room int) string {
	if s := m.words.At(f); wording.Width(s) <= room {
		return s
	}
	return fmt.Sprintf("%s:%d", m.words.Name(path.Base(f.File)), f.Line)
}

func (m *Model) location(row tasklist.Row, room int) string {
	s := row.Task.Site
	switch {
	case s == nil:
		return ""
	case s.Via != "":
		return m.words.Name(s.Via)
	case s.At != nil:
		return m.at(s.At, room)
	}
	return ""
}

func (m *Model) awaiting(row tasklist.Row, room int) string {
	l := row.Live
	if l == nil || l.State != "suspended" {
		return ""
	}
	on := wording.WaitsFor(l.On, m.words.Task)
	if l.Wait != nil {
		on = m.words.WaitedBriefly(l.Wait)
	}
	switch {
	case l.At == nil && on == "":
		return wording.Inside(l)
	case l.At == nil:
		return wording.End(on, room, m.o.Text.ASCII)
	case on == "":
		return m.at(l.At, room)
	}
	return wording.End(m.at(l.At, room/2)+" "+on, room, m.o.Text.ASCII)
}

// fit brings clean text to exactly so many columns: both ends of names and paths are kept.
func fit(s string, columns int, right, ascii bool) string {
	s = wording.Middle(s, columns, ascii)
	if right {
		return strings.Repeat(" ", max(columns-wording.Width(s), 0)) + s
	}
	return wording.Pad(s, columns)
}
