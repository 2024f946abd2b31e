package term

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// messageColumns bounds what a message, evidence or fix may take of the screen; they can hold names of the program.
const messageColumns = 600

// text returns a sentence of a rule, made harmless and bounded.
func (p *printer) text(s string) string { return end(p.clean(s), messageColumns, p.o.ASCII) }

// verdict writes the one sentence that a finding comes down to.
func (p *printer) verdict(f *analyze.Finding) {
	lead := fmt.Sprintf("%s[%s]: ", f.Severity, p.clean(f.Rule))
	p.paragraph(lead, severityStyle(f.Severity), p.text(f.Message), bold, 2)
}

// where writes the place of a finding: the excerpt, and the process if there are several.
func (p *printer) where(f *analyze.Finding, m moment, run *analyze.Run) {
	if f.At != nil {
		p.excerpt(f.At, severityStyle(f.Severity), label(f, m), needles(f)...)
	}
	if f.Process != nil && len(run.Processes) > 1 {
		p.heading("process", p.process(f.Process))
	}
}

// process names one process of several.
func (p *printer) process(process *analyze.Process) string {
	text := fmt.Sprintf("%d", process.PID)
	switch {
	case process.Main:
		text += ", the command itself"
	case process.Forked && process.Parent != nil:
		text += fmt.Sprintf(", forked from %d", process.Parent.PID)
	case process.Parent != nil:
		text += fmt.Sprintf(", started by %d", process.Parent.PID)
	}
	if len(process.Argv) > 0 {
		text += ": " + p.command(process.Argv)
	}
	return text
}

// Finding writes all about one finding of res, as Render does about the first: for formats that carry text.
func Finding(w io.Writer, res *analyze.Result, f *analyze.Finding, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.finding(f, res.Run)
	return p.err
}

// finding writes all about the finding to act on first.
func (p *printer) finding(f *analyze.Finding, run *analyze.Run) {
	p.verdict(f)
	m := momentOf(f)
	p.where(f, m, run)
	p.closer(m)
	p.ender(m)
	if m.known() {
		p.live(f, m)
	} else {
		p.tasksOf(f)
	}
	p.circle(f.Deadlock)
	p.evidence(f)
	p.follows(f)
	p.section()
	p.fix(f)
	p.linef("%s%s", p.o.paint(bold, "more: "), "looptrace explain "+p.clean(f.Rule))
}

// brief writes a finding that comes after the first.
func (p *printer) brief(f *analyze.Finding, run *analyze.Run, seen map[*analyze.Close]bool) {
	p.verdict(f)
	m := momentOf(f)
	p.where(f, m, run)
	switch {
	case !m.known():
		p.tasksOf(f)
	case m.close != nil && len(f.Tasks) > 0:
		p.liveOf(among(m.live, f.Tasks), m)
	case m.close == nil || !seen[m.close]:
		p.live(f, m)
	}
	p.circle(f.Deadlock)
	p.follows(f)
	if f.Fix.Summary != "" || f.Fix.Code != "" {
		p.section()
		p.fix(f)
	}
}

// label is what stands under the caret.
func label(f *analyze.Finding, m moment) string {
	if m.close == nil || !closeIsAt(f) {
		return ""
	}
	n := len(m.live)
	if len(f.Tasks) > 0 {
		n = len(among(m.live, f.Tasks))
	}
	switch {
	case m.close.Outcome == "refused":
		return "refused here: the loop is running"
	case n > 0:
		return count(n, "task") + " still pending here"
	}
	return ""
}

func closeIsAt(f *analyze.Finding) bool {
	return f.Close != nil && f.Close.At != nil && f.At != nil && *f.Close.At == *f.At
}

// needles are the names of the call that a finding is about, for the caret.
func needles(f *analyze.Finding) []string {
	if closeIsAt(f) {
		return []string{"close", "run", "run_until_complete"}
	}
	return []string{"close", "stop", "run_until_complete", "run_forever", "create_task", "ensure_future", "run", "cancel", "gather"}
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
func (p *printer) live(f *analyze.Finding, m moment) {
	accused, others := apart(m.live, f.Tasks)
	p.liveOf(accused, m)
	if len(others) > 0 {
		p.heading("live as well", p.names(others))
	}
}

func (p *printer) liveOf(live []*analyze.Live, m moment) {
	if len(live) == 0 {
		return
	}
	p.section()
	news := slices.DeleteFunc(slices.Clone(live), func(l *analyze.Live) bool { return p.told[l] })
	switch {
	case len(news) == 0:
		p.heading("live "+m.words, count(len(live), "task")+", as told above")
		return
	case len(news) < len(live):
		p.heading("live "+m.words, fmt.Sprintf("%s, %d of them as told above", count(len(live), "task"), len(live)-len(news)))
	default:
		p.heading("live "+m.words, count(len(live), "task"))
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
	p.heading("about", count(len(f.Tasks), "task"))
	groups := p.alike(f.Tasks)
	for i, g := range groups {
		if i == groupsShown {
			p.item(4, fmt.Sprintf("and others of %s", count(len(groups)-i, "more kind")))
			return
		}
		t := g[0]
		lead, said := p.task(t), p.outcome(t)+"; spawned "+p.spawned(t)
		if n := len(g); n > 1 {
			lead, said = p.names(liveOf(g)), count(n, "task")+", each "+said
		}
		p.paragraph("    "+lead+"  ", bold, said, plainText, 8)
	}
}

// alike groups tasks that ended in the same way and were spawned at the same place.
func (p *printer) alike(tasks []*analyze.Task) [][]*analyze.Task {
	var groups [][]*analyze.Task
	index := map[string]int{}
	for _, t := range tasks {
		key := p.outcome(t) + "\x00" + p.spawned(t)
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

func liveOf(tasks []*analyze.Task) []*analyze.Live {
	var live []*analyze.Live
	for _, t := range tasks {
		live = append(live, &analyze.Live{Task: t})
	}
	return live
}

// evidence writes the facts behind a finding, in the order of time.
func (p *printer) evidence(f *analyze.Finding) {
	if len(f.Evidence) == 0 {
		return
	}
	p.section()
	p.heading("evidence", "")
	facts := slices.Clone(f.Evidence)
	slices.SortStableFunc(facts, func(a, b analyze.Evidence) int { return cmp.Compare(a.TimeNS, b.TimeNS) })
	places, timed := 0, false
	for _, e := range facts {
		timed = timed || e.TimeNS >= 0
		if e.At != nil {
			places = max(places, width(p.at(e.At)))
		}
	}
	for _, e := range facts {
		when, where := "", ""
		if e.TimeNS >= 0 {
			when = instant(e.TimeNS)
		}
		if e.At != nil {
			where = p.at(e.At)
		}
		lead := "    "
		if timed {
			lead = fmt.Sprintf("    %8s  ", when)
		}
		if places > 0 {
			lead += pad(where, places) + "  "
		}
		p.paragraph(lead, faint, p.text(e.Text), plainText, min(width(lead), 30))
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
		p.paragraph("    ", plainText, p.text(s), plainText, 6)
	}
}

// fix writes what to change.
func (p *printer) fix(f *analyze.Finding) {
	if f.Fix.Summary != "" {
		p.paragraph("fix: ", green, p.text(f.Fix.Summary), bold, 4)
	} else if f.Fix.Code != "" {
		p.heading("fix", "")
	}
	if f.Fix.Code != "" {
		for _, l := range cleanBlock(f.Fix.Code, p.o.ASCII) {
			p.linef("    %s", p.o.paint(green, end(l, messageColumns, p.o.ASCII)))
		}
	}
}
