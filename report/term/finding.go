package term

import (
	"fmt"
	"io"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// verdict writes the one sentence that a finding comes down to.
func (p *printer) verdict(f *analyze.Finding) {
	lead := fmt.Sprintf("%s[%s]: ", f.Severity, p.Clean(f.Rule))
	p.paragraph(lead, severityStyle(f.Severity), p.Text(f.Message), bold, 2)
}

// where writes the place of a finding: the excerpt, and the process if there are several.
func (p *printer) where(f *analyze.Finding, m wording.Moment, run *analyze.Run) {
	if f.At != nil {
		p.excerpt(f.At, severityStyle(f.Severity), wording.Label(f, m), wording.Needles(f)...)
	}
	p.testsOf(f)
	if f.Process != nil && len(run.Processes) > 1 {
		p.heading("process", p.Process(f.Process))
	}
}

// Finding writes all about one finding of res, as Render does about the first: for formats that carry text.
func Finding(w io.Writer, res *analyze.Result, f *analyze.Finding, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.About(res.Run, f.Process)
	p.finding(f, res.Run)
	return p.err
}

// finding writes all about the finding to act on first.
func (p *printer) finding(f *analyze.Finding, run *analyze.Run) {
	p.verdict(f)
	m := wording.MomentOf(f)
	p.where(f, m, run)
	p.closer(m)
	p.ender(m)
	if m.Known() {
		p.live(f, m)
	} else {
		p.tasksOf(f)
	}
	p.circle(f.Deadlock)
	p.evidence(f)
	p.follows(f)
	p.section()
	p.fix(f)
	p.linef("%s%s", p.o.paint(bold, "more: "), "looptrace explain "+p.Clean(f.Rule))
}

// brief writes a finding that comes after the first.
func (p *printer) brief(f *analyze.Finding, run *analyze.Run, seen map[*analyze.Close]bool) {
	p.verdict(f)
	m := wording.MomentOf(f)
	p.where(f, m, run)
	switch {
	case !m.Known():
		p.tasksOf(f)
	case m.Close != nil && len(f.Tasks) > 0:
		p.liveOf(wording.Among(m.Live, f.Tasks), m)
	case m.Close == nil || !seen[m.Close]:
		p.live(f, m)
	}
	p.circle(f.Deadlock)
	p.follows(f)
	if f.Fix.Summary != "" || f.Fix.Code != "" {
		p.section()
		p.fix(f)
	}
}

// section sets the next part of the report off.
func (p *printer) section() { p.linef("") }

// heading writes the name of a part of the report.
func (p *printer) heading(name, rest string) {
	if rest == "" {
		p.linef("%s", p.o.paint(bold, name+":"))
		return
	}
	p.paragraph(name+": ", bold, rest, plainText, 4)
}

// live writes the tasks that were live at a moment: those that the finding accuses first.
func (p *printer) live(f *analyze.Finding, m wording.Moment) {
	accused, others := wording.Apart(m.Live, f.Tasks)
	p.liveOf(accused, m)
	others = slices.DeleteFunc(others, func(l *analyze.Live) bool { return l.Task.Known != "" })
	if len(others) > 0 {
		p.heading("live as well", p.Names(others))
	}
}

func (p *printer) liveOf(live []*analyze.Live, m wording.Moment) {
	if len(live) == 0 {
		return
	}
	p.section()
	news := slices.DeleteFunc(slices.Clone(live), func(l *analyze.Live) bool { return p.told[l] })
	switch {
	case len(news) == 0:
		p.heading("live "+m.Words, wording.CountLive(live)+", as told above")
		return
	case len(news) < len(live):
		p.heading("live "+m.Words, fmt.Sprintf("%s, %d of them as told above", wording.CountLive(live), len(live)-len(news)))
	default:
		p.heading("live "+m.Words, wording.CountLive(live))
	}
	for _, l := range news {
		p.told[l] = true
	}
	p.liveTasks(news, m)
}

// tasksOf writes the tasks of a finding that is about no moment.
func (p *printer) tasksOf(f *analyze.Finding) {
	if len(f.Tasks) == 0 {
		return
	}
	p.section()
	p.heading("about", wording.CountTasks(f.Tasks))
	groups := p.Alike(f.Tasks)
	for i, g := range groups {
		if i == wording.GroupsShown {
			p.item(4, fmt.Sprintf("and others of %s", wording.Count(len(groups)-i, "more kind")))
			return
		}
		t := g[0]
		lead, said := p.Task(t), p.Outcome(t)+"; spawned "+p.Spawned(t)
		if n := len(g); n > 1 {
			lead, said = p.Names(wording.LiveOf(g)), wording.CountTasks(g)+", each "+said
		}
		p.paragraph("    "+lead+"  ", bold, said, plainText, 8)
	}
}

// evidence writes the facts behind a finding, in the order of time.
func (p *printer) evidence(f *analyze.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	p.section()
	p.heading("evidence", "")
	facts := wording.Evidence(f)
	places, timed := 0, false
	for _, e := range facts {
		timed = timed || e.TimeNS >= 0
		if e.At != nil {
			places = max(places, wording.Width(p.At(e.At)))
		}
	}
	for _, e := range facts {
		when, where := "", ""
		if e.TimeNS >= 0 {
			when = wording.Instant(e.TimeNS)
		}
		if e.At != nil {
			where = p.At(e.At)
		}
		lead := "    "
		if timed {
			lead = fmt.Sprintf("    %8s  ", when)
		}
		if places > 0 {
			lead += wording.Pad(where, places) + "  "
		}
		p.paragraph(lead, faint, p.Text(e.Text), plainText, min(wording.Width(lead), 30))
	}
}

// follows writes what else was seen and comes from the finding.
func (p *printer) follows(f *analyze.Finding) {
	if len(f.Follows)+len(f.Messages) == 0 {
		return
	}
	p.section()
	p.heading("follows from it", "")
	for _, s := range slices.Concat(f.Messages, f.Follows) {
		p.paragraph("    ", plainText, p.Text(s), plainText, 6)
	}
}

// fix writes what to change.
func (p *printer) fix(f *analyze.Finding) {
	if f.Fix.Summary != "" {
		p.paragraph("fix: ", green, p.Text(f.Fix.Summary), bold, 4)
	} else if f.Fix.Code != "" {
		p.heading("fix", "")
	}
	if f.Fix.Code != "" {
		for _, l := range wording.CleanBlock(f.Fix.Code, p.o.ASCII) {
			p.linef("    %s", p.o.paint(green, wording.End(l, wording.MessageColumns, p.o.ASCII)))
		}
	}
}
