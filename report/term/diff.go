package term

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// diffShown bounds each list of a comparison; the JSON form has all.
const diffShown = 20

// Diff writes what differs between two runs: findings, totals, and tasks by creation site.
func Diff(w io.Writer, r *compare.Report, o Options) error {
	p := newPrinter(w, o, r.New.Run)
	p.diffFindings(r)
	p.paragraph("", plainText, wording.DiffVerdict(r), bold, 2)
	p.linef("")
	p.diffTotals(r)
	p.diffSites(r)
	for _, side := range []struct {
		name string
		s    *compare.Side
	}{{"old", r.Old}, {"new", r.New}} {
		if !side.s.Run.Health.Complete {
			p.paragraph("note: ", cyan, "the recording of the "+side.name+" run is incomplete: what it does not have may have happened", plainText, 6)
		}
	}
	return p.err
}

func (p *printer) diffFindings(r *compare.Report) {
	p.each("new finding", len(r.Added), func(i int) { p.diffFinding("new: ", red, r.New.Run, r.Added[i], "") })
	p.each("changed finding", len(r.Changed), func(i int) {
		c := &r.Changed[i]
		p.diffFinding("changed: ", yellow, r.New.Run, c.New, wording.DiffWhat(c))
		if wording.SaysMessage(c) {
			p.paragraph("    was: ", faint, p.Text(c.Old.Message), plainText, 8)
		}
	})
	p.each("finding that is gone", len(r.Gone), func(i int) {
		more := ""
		if r.Gone[i].Accepted {
			more = "still there, and accepted"
		}
		p.diffFinding("gone: ", green, r.Old.Run, r.Gone[i].Finding, more)
	})
}

// each writes the first of n things.
func (p *printer) each(what string, n int, write func(i int)) {
	for i := range min(n, diffShown) {
		write(i)
	}
	if n > diffShown {
		p.linef("and %s: --format json has them all", wording.Count(n-diffShown, "more "+what))
	}
	if n > 0 {
		p.linef("")
	}
}

func (p *printer) diffFinding(lead string, s style, run *analyze.Run, f *compare.Finding, more string) {
	p.About(run, f.Process)
	text := fmt.Sprintf("%s[%s]: %s", f.Severity, p.Clean(f.Rule), p.Text(f.Message))
	p.paragraph(lead, s, text, plainText, 4)
	var parts []string
	if f.At != nil {
		parts = append(parts, p.Place(f.At))
	}
	if f.Process != nil && len(run.Processes) > 1 {
		parts = append(parts, fmt.Sprintf("process %d", f.Process.PID))
	}
	if len(f.Tests) > 0 {
		parts = append(parts, "test "+p.Name(f.Tests[0].Name))
	}
	if len(f.Tests) > 1 {
		parts = append(parts, wording.Count(len(f.Tests)-1, "more test"))
	}
	if len(parts) > 0 {
		p.item(4, "--> "+strings.Join(parts, ", "))
	}
	if more != "" {
		p.paragraph("    ", plainText, more, plainText, 4)
	}
}

func (p *printer) diffTotals(r *compare.Report) {
	var rows [][]string
	for _, t := range wording.DiffTotals(r) {
		rows = append(rows, []string{t.Name, t.Old, t.New, t.Change})
	}
	p.table([]column{{title: "Total"}, {title: "Old", right: true}, {title: "New", right: true}, {title: "Change", right: true}}, rows)
}

func (p *printer) diffSites(r *compare.Report) {
	p.linef("")
	if text := wording.DiffNoSites(r); text != "" {
		p.paragraph("note: ", cyan, text, plainText, 6)
		return
	}
	if len(r.Sites) == 0 {
		p.paragraph("", plainText, "no creation site of tasks differs", faint, 0)
		return
	}
	columns := []column{
		{title: wording.CodeTitle(r.New.Run), give: true, path: true},
		{title: "Spawned at", give: true, path: true},
		{title: "Tasks", right: true},
		{title: "Not ended", right: true},
		{title: "Raised", right: true},
		{title: "Cancelled", right: true},
		{title: "Busy", right: true},
		{title: "Change", right: true},
	}
	var rows [][]string
	for i := range r.Sites[:min(len(r.Sites), diffShown)] {
		s := &r.Sites[i]
		run := r.New.Run
		if s.New == nil {
			run = r.Old.Run
		}
		p.About(run, s.Site().Process)
		old, fresh := s.OldCounts(), s.NewCounts()
		rows = append(rows, []string{
			p.Name(s.Site().Coro), p.Name(wording.SpawnedAt(s.Site())), wording.Went(old.Spawned, fresh.Spawned, p.o.ASCII),
			wording.Went(old.Unended(), fresh.Unended(), p.o.ASCII), wording.Went(old.Raised, fresh.Raised, p.o.ASCII),
			wording.Went(old.Cancelled, fresh.Cancelled, p.o.ASCII), wording.WentTime(old.BusyNS, fresh.BusyNS, p.o.ASCII),
			wording.Ratio(old.BusyNS, fresh.BusyNS),
		})
	}
	for i := len(columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(rows, func(r []string) bool { return r[i] != "" }) {
			continue
		}
		columns = slices.Delete(columns, i, i+1)
		for k := range rows {
			rows[k] = slices.Delete(rows[k], i, i+1)
		}
	}
	p.table(columns, rows)
	p.linef("")
	p.paragraph("", plainText, wording.DiffSites(r, len(rows)), faint, 0)
}
