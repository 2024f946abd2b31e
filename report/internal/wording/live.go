package wording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Limits of one group of live tasks.
const (
	NamesShown  = 5
	WaitsShown  = 4
	GroupsShown = 8
)

// Group is live tasks that have something in common, in the order in which they were met.
type Group []*analyze.Live

// Grouped collects live tasks by a key, in the order of the first of each.
func Grouped(live []*analyze.Live, key func(*analyze.Live) string) []Group {
	index := map[string]int{}
	var out []Group
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
func bySize(groups []Group) []Group {
	slices.SortStableFunc(groups, func(a, b Group) int { return len(b) - len(a) })
	return groups
}

// Members counts the tasks of groups.
func Members(groups []Group) int {
	n := 0
	for _, g := range groups {
		n += len(g)
	}
	return n
}

// SiteKey tells spawn sites apart.
func SiteKey(t *analyze.Task) string {
	switch {
	case t.Site == nil:
		return ""
	case t.Site.At == nil:
		return "via " + t.Site.Via + "\x00" + t.Site.Coro
	}
	return fmt.Sprintf("%s\x00%d\x00%s\x00%s", t.Site.At.File, t.Site.At.Line, t.Site.Coro, t.Site.Via)
}

// someOf names the part of a group that a line is about, "" for the whole group.
func (p *Phraser) someOf(part, whole Group, rest bool) string {
	switch {
	case len(part) == len(whole):
		return ""
	case len(part) <= NamesShown:
		return p.Names(part) + ": "
	case rest:
		return fmt.Sprintf("%d others: ", len(part))
	}
	return fmt.Sprintf("%d of them: ", len(part))
}

// Names returns the names of the first few tasks and the number of the others.
func (p *Phraser) Names(live []*analyze.Live) string {
	if len(live) > 1 && !slices.ContainsFunc(live, func(l *analyze.Live) bool { return !goroutineName(l.Task.Name) }) {
		return "goroutines " + p.names(live, func(t *analyze.Task) string { return strings.TrimPrefix(t.Name, "goroutine ") })
	}
	return p.names(live, p.Task)
}

func (p *Phraser) names(live []*analyze.Live, name func(*analyze.Task) string) string {
	var names []string
	for i, l := range live {
		if i == NamesShown && len(live) > NamesShown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(live)-i)
		}
		names = append(names, name(l.Task))
	}
	return strings.Join(names, ", ")
}

// SpawnedAll says where the tasks of a group come from, which share their place but not always who spawned them.
func (p *Phraser) SpawnedAll(g Group) string {
	t := g[0].Task
	same := !slices.ContainsFunc(g, func(l *analyze.Live) bool { return l.Task.Parent != t.Parent })
	if same || t.Site == nil || t.Site.Via != "" || t.Site.At == nil {
		return p.spawned(t) + p.called(g)
	}
	return "at " + p.WithSource(t.Site.At) + ", by several " + NounOf(t) + "s" + p.called(g)
}

// callersShown bounds the lines of tests that are named behind the line that spawned tasks for them.
const callersShown = 2

// called says which lines of tests had tasks spawned by a helper, "" if they did so themselves.
func (p *Phraser) called(g Group) string {
	var lines []string
	for _, l := range g {
		if c := l.Task.Caller(); c != nil && !slices.Contains(lines, p.WithSource(c)) {
			lines = append(lines, p.WithSource(c))
		}
	}
	switch n := len(lines); {
	case n == 0:
		return ""
	case n > callersShown:
		return fmt.Sprintf("; called at %s, and at %s", lines[0], Count(n-1, "other line"))
	}
	return "; called at " + strings.Join(lines, ", and at ")
}

// Spawned says where a task comes from.
func (p *Phraser) Spawned(t *analyze.Task) string {
	return p.spawned(t) + p.called(Group{{Task: t}})
}

func (p *Phraser) spawned(t *analyze.Task) string {
	site := t.Site
	switch {
	case site == nil, t.Goroutine() && len(site.Stack) == 0:
		return "before the recording began"
	case site.At == nil && t.Goroutine() && t.Parent == nil && (site.Via == "" || strings.HasPrefix(site.Via, "runtime/")):
		return "by the Go runtime"
	case site.Via != "" && site.At != nil:
		return "by the library (" + p.Name(site.Via) + ") under " + p.WithSource(site.At)
	case site.Via != "":
		return "by the library (" + p.Name(site.Via) + ")"
	case site.At == nil:
		return "at a place that was not observed"
	}
	text := "at " + p.WithSource(site.At)
	if t.Parent != nil && t.Parent.Name != "" {
		text = "by " + p.Task(t.Parent) + " " + text
	}
	return text
}

func waitLabel(l *analyze.Live) string {
	if l.State == "suspended" {
		return "waiting"
	}
	return "state"
}

// WaitText says what a live task does at its moment.
func (p *Phraser) WaitText(l *analyze.Live, m Moment) string {
	text := ""
	switch {
	case l.State == "running" && m.Close != nil && m.Close.Task == l.Task:
		text = "running: this is the " + NounOf(l.Task) + " that called " + cmp.Or(p.Closed(m.Close), "close()")
	case l.State == "running" && l.At != nil:
		text = "running at " + p.WithSource(l.At)
	case l.State == "running":
		text = "running"
	case l.State == "runnable":
		text = "runnable: it waits for nothing but its turn"
	case l.State == "not-started":
		text = "not started: it never took a step"
	default:
		text = p.suspendedText(l)
	}
	if m.Inexact && l.AsOfNS > 0 && l.AsOfNS < m.TimeNS {
		text += fmt.Sprintf(" (seen %s before the end)", Duration(m.TimeNS-l.AsOfNS))
	}
	return text
}

func (p *Phraser) suspendedText(l *analyze.Live) string {
	on := WaitsFor(l.On, p.Task)
	if l.Wait != nil {
		on = p.WaitedBriefly(l.Wait)
	}
	switch {
	case l.At != nil && on != "":
		return fmt.Sprintf("for %s at %s", on, p.WithSource(l.At))
	case l.At != nil:
		return "at " + p.WithSource(l.At)
	case on != "":
		return "for " + on + ", inside the library"
	case len(l.Awaiting) > 0:
		return "inside the library, " + p.Place(&l.Awaiting[len(l.Awaiting)-1])
	}
	return "for something that was not observed"
}

// CancelText is "" for a task that nobody cancelled.
func (p *Phraser) CancelText(l *analyze.Live, m Moment) string {
	c := lastCancel(l.Task, m.TimeNS)
	if c == nil {
		return ""
	}
	text := "requested"
	if c.At != nil {
		text += " at " + p.WithSource(c.At)
	}
	switch n := l.StepsSinceCancel; {
	case n == 0:
		text += "; no step taken since"
	case n > 0:
		text += fmt.Sprintf("; %s taken since", Count(n, "step"))
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

// Canceller names what cancelled a task outside of any other task. asyncio.run() closes a Runner of its own from 3.11 on.
func Canceller(c *analyze.Cancel) string {
	who := "Something outside any task"
	for _, f := range c.Stack {
		switch {
		case f.User || !strings.HasSuffix(f.File, "asyncio/runners.py"):
		case f.Function == "_on_sigint":
			return "Ctrl-C"
		case f.Function == "run":
			return "asyncio.run()"
		case f.Function == "close" || f.Function == "__exit__":
			who = "Runner.close()"
		}
	}
	return who
}

// StateWord leads what WaitText says in a sentence.
func StateWord(l *analyze.Live) string {
	if l.State == "suspended" {
		return "waiting "
	}
	return ""
}

// Kind says what the tasks of a group are: "2 tasks: poll()".
func (p *Phraser) Kind(g Group) string {
	kind := ""
	if len(g) > 1 {
		kind = CountLive(g) + ": "
	}
	kind += p.Function(g[0].Task)
	return strings.TrimSuffix(kind, ": ")
}

// Fact is one labelled sentence.
type Fact struct{ Label, Text string }

// Facts says of a group where it was spawned, what its tasks did at a moment, and who asked them to stop.
func (p *Phraser) Facts(g Group, m Moment) []Fact {
	facts := []Fact{{"spawned", p.SpawnedAll(g)}}
	waits := bySize(Grouped(g, func(l *analyze.Live) string { return p.WaitText(l, m) }))
	for i, w := range waits {
		if i == WaitsShown {
			facts = append(facts, Fact{"", Count(Members(waits[i:]), NounOf(g[0].Task)) + " elsewhere"})
			break
		}
		facts = append(facts, Fact{waitLabel(w[0]), p.someOf(w, g, i > 0) + Waited(SinceText(w, m), p.WaitText(w[0], m))})
	}
	byText := Grouped(g, func(l *analyze.Live) string { return p.CancelText(l, m) })
	for i, c := range byText {
		if text := p.CancelText(c[0], m); text != "" {
			facts = append(facts, Fact{"cancel", p.someOf(c, g, i > 0) + text})
		}
	}
	return facts
}

// Inside says where a task is that no line of the program and no name tells of.
func Inside(l *analyze.Live) string {
	if len(l.Awaiting) == 0 && l.Task.Goroutine() { // older than the trace, which does not tell where it is
		return "(not observed)"
	}
	return "(library)"
}
