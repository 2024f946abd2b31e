package term

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Limits of one group of live tasks.
const (
	namesShown  = 5
	waitsShown  = 4
	groupsShown = 8
)

// labelColumns aligns what is said about a group: "spawned", "waiting", "cancel".
const labelColumns = 9

// group is live tasks that have something in common, in the order in which they were met.
type group []*analyze.Live

// grouped collects live tasks by a key, in the order of the first of each.
func grouped(live []*analyze.Live, key func(*analyze.Live) string) []group {
	index := map[string]int{}
	var out []group
	for _, l := range live {
		k := key(l)
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], l)
	}
	return out
}

// bySize puts the larger groups first.
func bySize(groups []group) []group {
	slices.SortStableFunc(groups, func(a, b group) int { return len(b) - len(a) })
	return groups
}

func members(groups []group) int {
	n := 0
	for _, g := range groups {
		n += len(g)
	}
	return n
}

// liveTasks writes live tasks by spawn site, and for each what they wait for and who cancelled them.
func (p *printer) liveTasks(live []*analyze.Live, m moment) {
	groups := grouped(live, func(l *analyze.Live) string { return siteKey(l.Task) })
	for i, g := range groups {
		if i == groupsShown {
			p.item(4, fmt.Sprintf("and %s from %s", count(members(groups[i:]), "task"), count(len(groups)-i, "other place")))
			return
		}
		p.liveGroup(g, m)
	}
}

func siteKey(t *analyze.Task) string {
	switch {
	case t.Site == nil:
		return ""
	case t.Site.At == nil:
		return "via " + t.Site.Via + "\x00" + t.Site.Coro
	}
	return fmt.Sprintf("%s\x00%d\x00%s\x00%s", t.Site.At.File, t.Site.At.Line, t.Site.Coro, t.Site.Via)
}

func (p *printer) liveGroup(g group, m moment) {
	t := g[0].Task
	kind := ""
	if len(g) > 1 {
		kind = count(len(g), "task") + ": "
	}
	if t.Site != nil && t.Site.Coro != "" {
		kind += p.name(t.Site.Coro) + "()"
	}
	p.paragraph("    "+p.names(g)+"  ", bold, strings.TrimSuffix(kind, ": "), plainText, 8)
	p.fact("spawned", p.spawnedAll(g))
	waits := bySize(grouped(g, func(l *analyze.Live) string { return p.waitText(l, m) }))
	for i, w := range waits {
		if i == waitsShown {
			p.fact("", count(members(waits[i:]), "task")+" elsewhere")
			break
		}
		p.fact(waitLabel(w[0]), p.someOf(w, g, i > 0)+p.waitText(w[0], m))
	}
	p.cancels(g, m)
}

// fact writes one labelled line about a group.
func (p *printer) fact(label, text string) {
	p.paragraph("        "+pad(label, labelColumns), faint, text, plainText, 8+labelColumns)
}

// someOf names the part of a group that a line is about, "" for the whole group.
func (p *printer) someOf(part, whole group, rest bool) string {
	switch {
	case len(part) == len(whole):
		return ""
	case len(part) <= namesShown:
		return p.names(part) + ": "
	case rest:
		return fmt.Sprintf("%d others: ", len(part))
	}
	return fmt.Sprintf("%d of them: ", len(part))
}

// names returns the names of the first few tasks and the number of the others.
func (p *printer) names(live []*analyze.Live) string {
	var names []string
	for i, l := range live {
		if i == namesShown && len(live) > namesShown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(live)-i)
		}
		names = append(names, p.task(l.Task))
	}
	return strings.Join(names, ", ")
}

// spawnedAll says where the tasks of a group come from, which share their place but not always who spawned them.
func (p *printer) spawnedAll(g group) string {
	t := g[0].Task
	same := !slices.ContainsFunc(g, func(l *analyze.Live) bool { return l.Task.Parent != t.Parent })
	if same || t.Site == nil || t.Site.Via != "" || t.Site.At == nil {
		return p.spawned(t)
	}
	return "at " + p.withSource(t.Site.At) + ", by several tasks"
}

// spawned says where a task comes from.
func (p *printer) spawned(t *analyze.Task) string {
	site := t.Site
	switch {
	case site == nil:
		return "before the recording began"
	case site.Via != "" && site.At != nil:
		return "by the library (" + p.name(site.Via) + ") under " + p.withSource(site.At)
	case site.Via != "":
		return "by the library (" + p.name(site.Via) + ")"
	case site.At == nil:
		return "at a place that was not observed"
	}
	text := "at " + p.withSource(site.At)
	if t.Parent != nil && t.Parent.Name != "" {
		text = "by " + p.task(t.Parent) + " " + text
	}
	return text
}

func waitLabel(l *analyze.Live) string {
	if l.State == "suspended" {
		return "waiting"
	}
	return "state"
}

// waitText says what a live task does at its moment.
func (p *printer) waitText(l *analyze.Live, m moment) string {
	text := ""
	switch {
	case l.State == "running" && m.close != nil && m.close.Task == l.Task:
		text = "running: this is the task that called close()"
	case l.State == "running" && l.At != nil:
		text = "running at " + p.withSource(l.At)
	case l.State == "running":
		text = "running"
	case l.State == "not-started":
		text = "not started: it never took a step"
	default:
		text = p.suspendedText(l)
	}
	if m.inexact && l.AsOfNS > 0 && l.AsOfNS < m.timeNS {
		text += fmt.Sprintf(" (seen %s before the end)", Duration(m.timeNS-l.AsOfNS))
	}
	return text
}

func (p *printer) suspendedText(l *analyze.Live) string {
	on := waitsFor(l.On, p.task)
	if l.Wait != nil {
		on = p.waitedBriefly(l.Wait)
	}
	switch {
	case l.At != nil && on != "":
		return fmt.Sprintf("for %s at %s", on, p.withSource(l.At))
	case l.At != nil:
		return "at " + p.withSource(l.At)
	case on != "":
		return "for " + on + ", inside the library"
	case len(l.Awaiting) > 0:
		return "inside the library, " + p.place(&l.Awaiting[len(l.Awaiting)-1])
	}
	return "for something that was not observed"
}

// withSource returns "app.py:8 in consume: item = await queue.get()".
func (p *printer) withSource(f *analyze.Frame) string {
	if text := p.source(f); text != "" {
		return p.place(f) + ": " + text
	}
	return p.place(f)
}

// cancels says who asked the tasks of a group to stop before the moment, and what became of it.
func (p *printer) cancels(g group, m moment) {
	byText := grouped(g, func(l *analyze.Live) string { return p.cancelText(l, m) })
	for i, c := range byText {
		if text := p.cancelText(c[0], m); text != "" {
			p.fact("cancel", p.someOf(c, g, i > 0)+text)
		}
	}
}

// cancelText is "" for a task that nobody cancelled.
func (p *printer) cancelText(l *analyze.Live, m moment) string {
	c := lastCancel(l.Task, m.timeNS)
	if c == nil {
		return ""
	}
	text := "requested"
	if c.At != nil {
		text += " at " + p.withSource(c.At)
	}
	switch n := l.StepsSinceCancel; {
	case n == 0:
		text += "; no step taken since"
	case n > 0:
		text += fmt.Sprintf("; %s taken since", count(n, "step"))
	}
	return text
}

// lastCancel returns the last cancel of a task up to a moment, nil if there was none.
func lastCancel(t *analyze.Task, timeNS int64) *analyze.Cancel {
	for i := len(t.Cancels) - 1; i >= 0; i-- {
		if t.Cancels[i].TimeNS <= timeNS {
			return &t.Cancels[i]
		}
	}
	return nil
}
