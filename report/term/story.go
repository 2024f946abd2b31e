package term

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// told is one sentence of a story and when it happened.
type told struct {
	timeNS int64
	timed  bool // false: the time is that of the sentence before, which it belongs to
	text   string
}

// story collects sentences, for what is known of a task is not found in the order of time.
type story struct {
	*printer
	told []told
}

// Story tells what is known of one task, in sentences in the order of time.
func Story(w io.Writer, res *analyze.Result, t *analyze.Task, o Options) error {
	p := newPrinter(w, o, res.Run)
	p.About(res.Run, t.Process)
	p.paragraph(p.Numbered(t)+": ", bold, p.storyHead(t, res.Run), plainText, 4)
	p.linef("")
	st := &story{printer: p}
	st.spawn(t)
	st.steps(t)
	for i := range t.Cancels {
		st.cancelled(&t.Cancels[i])
	}
	st.woken(t.LastWake)
	st.moments(t, res.Run)
	st.ended(t)
	st.children(t, res.Run)
	st.write()
	p.storyFindings(t, res)
	return p.err
}

// sentence adds what happened at a time, -1 for that of the sentence before.
func (s *story) sentence(ns int64, text string) {
	t := told{timeNS: ns, timed: ns >= 0, text: text}
	if n := len(s.told); !t.timed && n > 0 {
		t.timeNS = s.told[n-1].timeNS
	}
	s.told = append(s.told, t)
}

func (s *story) write() {
	slices.SortStableFunc(s.told, func(a, b told) int { return cmp.Compare(a.timeNS, b.timeNS) })
	for _, t := range s.told {
		when := ""
		if t.timed {
			when = wording.Instant(t.timeNS)
		}
		s.paragraph(fmt.Sprintf("%9s  ", when), faint, t.text, plainText, 11)
	}
}

func (p *printer) storyHead(t *analyze.Task, run *analyze.Run) string {
	text := "a " + wording.NounOf(t)
	if t.Known != "" {
		text += " that is known as " + p.Clean(t.Known)
	}
	if t.Goroutine() {
		if t.Site != nil && t.Site.Def.File != "" {
			text += ", defined at " + p.At(&t.Site.Def)
		}
	} else if t.Site != nil && t.Site.Coro != "" {
		text = p.Function(t)
		if d := t.Site.Def; d.File != "" {
			text += ", defined at " + p.At(&d)
		}
	}
	if t.Loop != nil && !wording.Scheduler(t.Loop) {
		text += fmt.Sprintf(", on loop %d", t.Loop.ID)
		if t.Loop.Thread != "" {
			text += " in thread " + p.Name(t.Loop.Thread)
		}
	}
	if t.Process != nil && len(run.Processes) > 1 {
		text += ", process " + p.Process(t.Process)
	}
	return text
}

func (s *story) spawn(t *analyze.Task) {
	switch {
	case t.Inherited != nil:
		s.sentence(t.SpawnedNS, fmt.Sprintf("It came into this process by fork: it is a copy of task %d.", t.Inherited.ID))
	case !t.BirthSeen:
		text := "Its spawn was not observed."
		if t.Goroutine() {
			text = "It is older than the trace: who created it is not known."
		}
		s.sentence(-1, text)
		return
	case t.Parent != nil:
		s.sentence(t.SpawnedNS, wording.Capital(s.Numbered(t.Parent))+" spawned it "+spawnPlace(s.printer, t))
	case t.Goroutine():
		s.sentence(t.SpawnedNS, "The Go runtime created it.")
	default:
		s.sentence(t.SpawnedNS, "It was spawned outside any task "+spawnPlace(s.printer, t))
	}
	s.ancestors(t)
	if t.Site != nil && t.Site.Gather {
		s.sentence(-1, "gather() wrapped the coroutine in this task.")
	}
	if t.Shielded != nil {
		text := "A shield() was put around it"
		if at := wording.UserFrame(t.Shielded); at != nil {
			text += " at " + s.Place(at)
		}
		s.sentence(-1, text+".")
	}
}

// ancestorsShown bounds how far a story goes up a line of parents, or of tasks that cancelled each other.
const ancestorsShown = 8

// ancestors tells the line of parents beyond the first one.
func (s *story) ancestors(t *analyze.Task) {
	if t.Parent == nil || t.Parent.Parent == nil {
		return
	}
	var links []string
	child := t.Parent
	for ; child.Parent != nil && len(links) < ancestorsShown; child = child.Parent {
		links = append(links, fmt.Sprintf("%s was spawned by %s%s", s.Numbered(child), s.Numbered(child.Parent), s.spawnedAt(child)))
	}
	text := "The line of its parents: " + strings.Join(links, ", ")
	switch {
	case child.Parent != nil:
		text += ", and so on"
	case child.Goroutine():
	case child.BirthSeen:
		text += fmt.Sprintf("; %s was spawned outside any task%s", s.Numbered(child), s.spawnedAt(child))
	}
	s.sentence(-1, text+".")
}

func (s *story) spawnedAt(t *analyze.Task) string {
	if t.Site == nil || t.Site.At == nil {
		return ""
	}
	return " at " + s.Place(t.Site.At)
}

func spawnPlace(p *printer, t *analyze.Task) string {
	alone := *t
	alone.Parent = nil
	return p.Spawned(&alone)
}

func (s *story) steps(t *analyze.Task) {
	switch {
	case t.Eager:
		text := "It took its first step at once, as it was spawned (an eager task)"
		if t.Steps > 0 {
			text += fmt.Sprintf(", and %s later, which kept the loop busy for %s", wording.Count(t.Steps, "step"), wording.Duration(t.BusyNS))
		}
		s.sentence(-1, text+".")
		return
	case t.Steps == 0 && t.Goroutine() && !t.BirthSeen:
		return
	case t.Steps == 0:
		s.sentence(-1, "It never "+map[bool]string{true: "ran", false: "took a step"}[t.Goroutine()]+".")
		return
	case t.Process.Go():
		text := fmt.Sprintf("ran %s in all, %s together.", wording.Count(t.Steps, "time"), wording.Duration(t.BusyNS))
		if t.FirstStepNS == 0 {
			s.sentence(-1, "It "+text)
		} else {
			s.sentence(t.FirstStepNS, "It ran for the first time; it "+text)
		}
		return
	}
	text := fmt.Sprintf("It took its first step, and %s in all, which kept the loop busy for %s.", wording.Count(t.Steps, "step"), wording.Duration(t.BusyNS))
	if t.FirstStepNS == 0 {
		s.sentence(-1, text)
		return
	}
	s.sentence(t.FirstStepNS, text)
}

// woken tells who made it go on the last time; nothing where that was not recorded.
func (s *story) woken(w *analyze.Wake) {
	switch {
	case w == nil, w.Cancelled: // that is told as such
	case w.By != nil:
		s.sentence(w.TimeNS, wording.Capital(s.Numbered(w.By))+" woke it for the last time: what it waited for was done.")
	case w.Task.Goroutine() && !w.Forgotten:
		s.sentence(w.TimeNS, "The runtime woke it for the last time: a timer, or the network.")
	case w.Forgotten:
		s.sentence(w.TimeNS, "A task that is not told of here woke it for the last time.")
	default:
		s.sentence(w.TimeNS, "A callback of the loop, such as a timer's, woke it for the last time.")
	}
}

func (s *story) cancelled(c *analyze.Cancel) {
	who := wording.Canceller(c)
	if c.By != nil {
		who = wording.Capital(s.Numbered(c.By))
	}
	text := who + " cancelled it"
	if c.At != nil {
		text += " at " + s.WithSource(c.At)
	}
	if c.StepsAfter == 0 {
		text += "; it took no step afterwards"
	} else {
		text += fmt.Sprintf("; it took %s afterwards", wording.Count(c.StepsAfter, "step"))
	}
	if c.AwaitedAt != nil {
		text += fmt.Sprintf(". It was waiting at %s then", s.Place(c.AwaitedAt))
	}
	s.sentence(c.TimeNS, text+".")
	s.cancelChain(c)
	for _, w := range c.Ignored {
		if w.Same {
			s.sentence(w.TimeNS, "It had caught the cancellation and was waiting at the same place again.")
		} else if w.At != nil {
			s.sentence(w.TimeNS, "It had caught the cancellation and was waiting at "+s.Place(w.At)+".")
		}
	}
}

// cancelChain tells who had cancelled the one who cancelled, and so on.
func (s *story) cancelChain(c *analyze.Cancel) {
	var links []string
	for by := c.By; by != nil && len(links) < ancestorsShown; {
		before := cancelBefore(by, c.TimeNS)
		if before == nil || before.By == by {
			break
		}
		who := "by something outside any task"
		if before.By != nil {
			who = "by " + s.Numbered(before.By)
		}
		link := s.Numbered(by) + " " + who
		if before.At != nil {
			link += " at " + s.Place(before.At)
		}
		links = append(links, link)
		by, c = before.By, before
	}
	if len(links) > 0 {
		s.sentence(-1, "That one had been cancelled itself: "+strings.Join(links, ", ")+".")
	}
}

// cancelBefore returns the last cancellation of a task before a moment, nil if there was none.
func cancelBefore(t *analyze.Task, before int64) *analyze.Cancel {
	for i := len(t.Cancels) - 1; i >= 0; i-- {
		if t.Cancels[i].TimeNS < before {
			return &t.Cancels[i]
		}
	}
	return nil
}

// storyMoments says where the task was at each shutdown and close of its loop, and at the end of its process.
func (s *story) moments(t *analyze.Task, run *analyze.Run) {
	tell := func(ns int64, words string, live []*analyze.Live, m wording.Moment) {
		for _, l := range live {
			if l.Task == t {
				s.sentence(ns, words+", it was "+wording.StateWord(l)+s.WaitSince(l, m))
			}
		}
	}
	for _, loop := range run.Loops {
		for _, shut := range loop.Shutdowns {
			tell(shut.BeginNS, "When "+byWhom(s.printer, shut.At, "the shutdown")+" began to cancel what was left", shut.Live, wording.Moment{})
		}
	}
	for _, c := range run.Closes {
		m := wording.CloseMoment(c)
		tell(c.TimeNS, wording.Capital(m.Words)+byPlace(s.printer, c.At), c.Live, m)
	}
	if t.Process != nil {
		e := &t.Process.Exit
		tell(e.TimeNS, wording.Capital(wording.EndWords(t.Process)), e.Live, wording.Moment{TimeNS: e.TimeNS, Inexact: !e.LiveExact})
	}
}

func byWhom(p *printer, at *analyze.Frame, otherwise string) string {
	if at == nil {
		return otherwise
	}
	return "the run at " + p.Place(at)
}

func byPlace(p *printer, at *analyze.Frame) string {
	if at == nil {
		return ""
	}
	return " at " + p.Place(at)
}

func (s *story) ended(t *analyze.Task) {
	switch wording.OutcomeWord(t) {
	case "pending":
		s.sentence(-1, wording.Capital("it "+s.Outcome(t))+".")
	case "returned":
		s.sentence(t.EndedNS, "It returned.")
	case "cancelled":
		s.sentence(t.EndedNS, "It ended as cancelled.")
	case "collected":
		s.sentence(t.EndedNS, "It was garbage collected before it ended.")
	default:
		s.sentence(t.EndedNS, "It "+s.Outcome(t)+".")
	}
}

func (s *story) children(t *analyze.Task, run *analyze.Run) {
	var names []string
	n := 0
	for _, child := range run.Tasks {
		if child.Parent != t {
			continue
		}
		if n++; n <= wording.NamesShown {
			name := fmt.Sprintf("%d %s", child.ID, s.Task(child))
			if child.Goroutine() {
				name = s.Numbered(child)
			}
			names = append(names, name)
		}
	}
	if n == 0 {
		return
	}
	text := fmt.Sprintf("It spawned %s: %s", wording.Count(n, wording.NounOf(t)), strings.Join(names, ", "))
	if n > wording.NamesShown {
		text += fmt.Sprintf(" and %d more", n-wording.NamesShown)
	}
	s.sentence(-1, text+".")
}

func (p *printer) storyFindings(t *analyze.Task, res *analyze.Result) {
	for i := range res.Findings {
		f := &res.Findings[i]
		for _, about := range f.Tasks {
			if about == t {
				p.linef("")
				p.verdict(f)
				break
			}
		}
	}
}
