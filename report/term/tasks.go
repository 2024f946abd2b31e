package term

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// Tasks writes a list of tasks as a table of at most maxRows rows (0: all) and a line that says what it is.
func Tasks(w io.Writer, run *analyze.Run, list *tasklist.List, maxRows int, o Options) error {
	p := newPrinter(w, o, run)
	shown := list.Rows
	if maxRows > 0 && len(shown) > maxRows {
		shown = shown[:maxRows]
	}
	if len(shown) > 0 {
		p.taskTable(run, shown)
		p.linef("")
	}
	p.paragraph("", plainText, p.taskCount(run, list, len(shown)), faint, 0)
	return p.err
}

func (p *printer) taskTable(run *analyze.Run, rows []tasklist.Row) {
	columns := []column{
		{title: "ID", right: true},
		{title: "State"},
		{title: "Name", give: !onlyGoroutines(rows), path: true},
		{title: wording.CodeTitle(run), give: true, path: true},
		{title: "Total", right: true},
		{title: "Busy", right: true},
		{title: "Steps", right: true},
		{title: "Spawned at", give: true, path: true},
		{title: "Waiting", give: true},
		{title: "For", right: true},
		{title: "Test", give: true, path: true},
	}
	several := len(run.Processes) > 1
	if several {
		columns = append([]column{{title: "PID", right: true}}, columns...)
	}
	cells := make([][]string, 0, len(rows))
	for _, r := range rows {
		row := p.taskCells(run, r)
		if several {
			row = append([]string{pid(r.Task)}, row...)
		}
		cells = append(cells, row)
	}
	columns, cells = trimColumns(p.o.Width, columns, cells)
	p.table(columns, cells)
}

// trimColumns leaves out the columns that say nothing, and the coroutine where the table would not fit with it.
func trimColumns(limit int, columns []column, rows [][]string) ([]column, [][]string) {
	for i := len(columns) - 1; i >= 0; i-- {
		empty := !slices.ContainsFunc(rows, func(r []string) bool { return r[i] != "" })
		if empty || (columns[i].title == "Coroutine" || columns[i].title == "Function") && limit > 0 && tableWidth(columns, rows) > limit {
			columns = slices.Delete(columns, i, i+1)
			for k := range rows {
				rows[k] = slices.Delete(rows[k], i, i+1)
			}
		}
	}
	return columns, rows
}

func pid(t *analyze.Task) string {
	if t.Process == nil {
		return ""
	}
	return strconv.Itoa(t.Process.PID)
}

func (p *printer) taskCells(run *analyze.Run, r tasklist.Row) []string {
	t := r.Task
	p.About(run, t.Process)
	coro, at := "", ""
	if t.Site != nil {
		coro = strings.TrimSuffix(p.Function(t), "()")
		switch {
		case t.Site.Via != "":
			at = p.Name(t.Site.Via)
		case t.Site.At != nil:
			at = p.At(t.Site.At)
		}
	}
	waiting, since := "", ""
	if r.Live != nil && r.Live.State == "suspended" {
		waiting, since = p.waitCell(r.Live), sinceCell(r.Live, t.Process)
	}
	busy, steps := "", ""
	if r.BusyNS >= 0 {
		busy = wording.Duration(r.BusyNS)
	}
	if r.Steps >= 0 {
		steps = strconv.Itoa(r.Steps)
	}
	test := ""
	if t.Test != nil {
		test = p.Tests([]*analyze.Test{t.Test})
	}
	return []string{strconv.Itoa(t.ID), r.State, p.Name(t.Name), coro, wording.Duration(r.TotalNS), busy, steps, at, waiting, since, test}
}

func (p *printer) waitCell(l *analyze.Live) string {
	on := wording.WaitsFor(l.On, p.Task)
	switch {
	case l.At == nil && on == "":
		return wording.Inside(l)
	case l.At == nil:
		return on
	case on == "":
		return p.At(l.At)
	}
	return p.At(l.At) + " " + on
}

// taskCount is the line under the table.
func (p *printer) taskCount(run *analyze.Run, list *tasklist.List, shown int) string {
	text := countRows(run, list.Rows)
	if list.Moment != "" {
		text += " " + list.Moment
	}
	if shown < len(list.Rows) {
		text += fmt.Sprintf("; only %d shown, --max-rows 0 shows all", shown)
	}
	if list.Known > 0 {
		text += "; " + wording.Count(list.Known, "known goroutine") + wording.Verb(list.Known, " is", " are") + " left out, see --no-fold"
	}
	if list.Counted > 0 {
		text += fmt.Sprintf("; %d more ended %ss were only counted", list.Counted, wording.Noun(run))
	}
	return text
}

// sinceCell says for how long a goroutine has been suspended: "1.20 s", ">= 1.20 s".
func sinceCell(l *analyze.Live, process *analyze.Process) string {
	if !process.Go() || l.SinceNS == 0 {
		return ""
	}
	text := wording.Duration(max(l.AsOfNS-l.SinceNS, 0))
	if l.SinceLeast {
		return ">= " + text
	}
	return text
}

// countRows says how many tasks there are.
func countRows(run *analyze.Run, rows []tasklist.Row) string {
	if len(rows) == 0 {
		return wording.Count(0, wording.Noun(run))
	}
	tasks := make([]*analyze.Task, len(rows))
	for i, r := range rows {
		tasks[i] = r.Task
	}
	return wording.CountTasks(tasks)
}

// onlyGoroutines reports whether all tasks are goroutines, whose names are short.
func onlyGoroutines(rows []tasklist.Row) bool {
	return !slices.ContainsFunc(rows, func(r tasklist.Row) bool { return !r.Task.Goroutine() })
}
