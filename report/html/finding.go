package html

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// findingView is a finding in the parts that the text report has.
type findingView struct {
	Anchor, Severity, Rule, Message, Place string
	First                                  bool
	Process                                string
	Tests, Fixture                         string
	Excerpt                                *excerpt
	Closer                                 *callerView
	Ender                                  *callerView
	Live                                   *liveView
	About                                  *aboutView
	Circle                                 *circleView
	Evidence                               []evidenceRow
	Follows                                []string
	Fix                                    *fixView
	Anything                               bool // there is more than the message and the fix
}

// callerView is who did something, with the stack.
type callerView struct {
	Title, Text string
	Stack       []frameRow
}

// frameRow is a frame of a stack; Skipped stands for frames that are left out before it.
type frameRow struct {
	Place, Function, Source, Skipped string
}

type aboutView struct {
	Title string
	Rows  []aboutRow
	More  string
}

type aboutRow struct{ Tasks, Text string }

type circleView struct {
	Links []circleLink
	More  string
}

type circleLink struct{ Task, Place, Source, Text, Next string }

type evidenceRow struct{ Time, Place, Text string }

type fixView struct{ Summary, Code string }

func (b *builder) finding(i int) *findingView {
	f := &b.res.Findings[i]
	b.About(b.run, f.Process)
	m := wording.MomentOf(f)
	v := &findingView{
		Anchor: anchor(i), Severity: string(f.Severity), Rule: b.Clean(f.Rule), Message: b.Text(f.Message), First: i == 0,
		Closer: b.closer(m), Ender: b.ender(m), Circle: b.circle(f.Deadlock), Fix: b.fix(f),
	}
	if f.At != nil {
		v.Place, v.Excerpt = b.Place(f.At), b.excerpt(f.At, wording.Label(f, m), wording.Needles(f))
	}
	if f.Process != nil && len(b.run.Processes) > 1 {
		v.Process = b.Process(f.Process)
	}
	if len(f.Tests) > 0 {
		v.Tests = b.Tests(f.Tests)
	} else {
		v.Fixture = b.Fixture(f)
	}
	if m.Known() {
		v.Live = b.live(f, m)
	} else {
		v.About = b.about(f)
	}
	for _, e := range wording.Evidence(f) {
		row := evidenceRow{Text: b.Text(e.Text)}
		if e.TimeNS >= 0 {
			row.Time = wording.Instant(e.TimeNS)
		}
		if e.At != nil {
			row.Place = b.At(e.At)
		}
		v.Evidence = append(v.Evidence, row)
	}
	for _, list := range [][]string{f.Messages, f.Follows} {
		for _, s := range list {
			v.Follows = append(v.Follows, b.Text(s))
		}
	}
	return v
}

func (b *builder) closer(m wording.Moment) *callerView {
	c := m.Close
	switch {
	case c == nil:
		return nil
	case c.Implicit:
		return &callerView{Title: closing(c), Text: wording.Collector}
	}
	return &callerView{Title: closing(c), Text: b.Closer(c), Stack: b.stack(c.Stack)}
}

// closing heads the part about a close; a name of a function begins with no capital.
func closing(c *analyze.Close) string {
	if title := wording.Closing(c); !strings.Contains(title, "(") {
		return wording.Capital(title)
	}
	return wording.Closing(c)
}

func (b *builder) ender(m wording.Moment) *callerView {
	text, stack := b.Ender(m.Exit)
	if text == "" {
		return nil
	}
	return &callerView{Title: "Ended by", Text: text, Stack: b.stack(stack)}
}

// stack returns the frames of the program, innermost first, without those in the middle of a deep one.
func (b *builder) stack(frames []analyze.Frame) []frameRow {
	shown := wording.UserFrames(frames)
	skipped := len(shown) - wording.FramesShown
	if skipped > 0 {
		shown = append(shown[:wording.FramesShown-1:wording.FramesShown-1], shown[len(shown)-1])
	}
	var rows []frameRow
	for i, f := range shown {
		row := frameRow{Place: b.At(f), Function: b.Name(f.Function), Source: b.Source(f)}
		if skipped > 0 && i == len(shown)-1 {
			row.Skipped = wording.Count(skipped, "more frame")
		}
		rows = append(rows, row)
	}
	return rows
}

func (b *builder) about(f *analyze.Finding) *aboutView {
	if len(f.Tasks) == 0 {
		return nil
	}
	v := &aboutView{Title: wording.CountTasks(f.Tasks)}
	groups := b.Alike(f.Tasks)
	for i, g := range groups {
		if i == wording.GroupsShown {
			v.More = "and others of " + wording.Count(len(groups)-i, "more kind")
			break
		}
		text := b.Outcome(g[0]) + "; spawned " + b.Spawned(g[0])
		if n := len(g); n > 1 {
			text = wording.CountTasks(g) + ", each " + text
		}
		v.Rows = append(v.Rows, aboutRow{b.Names(wording.LiveOf(g)), text})
	}
	return v
}

func (b *builder) circle(d *analyze.Deadlock) *circleView {
	if d == nil {
		return nil
	}
	v := &circleView{}
	for i, w := range d.Links {
		if i == wording.GroupsShown {
			v.More = "and " + wording.Count(len(d.Links)-i, "more task")
			break
		}
		link := circleLink{Task: b.Task(w.Task), Text: b.Link(w), Next: b.Task(d.Links[(i+1)%len(d.Links)].Task)}
		if w.At != nil {
			link.Place, link.Source = b.Place(w.At), b.Source(w.At)
		}
		v.Links = append(v.Links, link)
	}
	return v
}

func (b *builder) fix(f *analyze.Finding) *fixView {
	if f.Fix.Summary == "" && f.Fix.Code == "" {
		return nil
	}
	v := &fixView{Summary: b.Text(f.Fix.Summary)}
	if f.Fix.Code != "" {
		lines := wording.CleanBlock(f.Fix.Code, false)
		for i, l := range lines {
			lines[i] = wording.End(l, wording.MessageColumns, false)
		}
		v.Code = strings.Join(lines, "\n")
	}
	return v
}

// excerpt is a source line with the span that matters.
type excerpt struct {
	Line                  string
	Gutter                string // blanks as wide as the number
	Before, Marked, After string // of the line; all empty if it is not known
	Indent, Carets, Label string // the line below
}

func (b *builder) excerpt(f *analyze.Frame, label string, needles []string) *excerpt {
	x := &excerpt{Line: strconv.Itoa(f.Line), Label: label}
	x.Gutter = strings.Repeat(" ", len(x.Line))
	text := wording.CleanSource(f.Text, false)
	if text == "" {
		return x
	}
	from, to := wording.Span(text, needles)
	text, from, to = wording.Clip(text, from, to, wording.SourceColumns, false)
	x.Before, x.Marked, x.After = text[:from], text[from:to], text[to:]
	x.Indent = strings.Repeat(" ", wording.Width(x.Before))
	x.Carets = strings.Repeat("^", max(wording.Width(x.Marked), 1))
	return x
}

// liveView is what was live at the moment of a finding.
type liveView struct {
	Title, Count string
	Groups       []groupView
	More         string
	Others       string // names of those that the finding does not accuse
}

// groupView is live tasks of one spawn site.
type groupView struct {
	Names, Kind string
	Facts       []factView
}

type factView struct {
	Label string
	Text  []segment
}

func (b *builder) live(f *analyze.Finding, m wording.Moment) *liveView {
	accused, others := wording.Apart(m.Live, f.Tasks)
	if len(accused) == 0 {
		return nil
	}
	v := &liveView{Title: "Live " + m.Words, Count: wording.CountLive(accused)}
	groups := wording.Grouped(accused, func(l *analyze.Live) string { return wording.SiteKey(l.Task) })
	for i, g := range groups {
		if i == wording.GroupsShown {
			v.More = fmt.Sprintf("and %s from %s", wording.Count(wording.Members(groups[i:]), wording.NounOf(groups[i][0].Task)), wording.Count(len(groups)-i, "other place"))
			break
		}
		v.Groups = append(v.Groups, b.group(g, m))
	}
	if len(others) > 0 {
		v.Others = b.Names(others)
	}
	return v
}

func (b *builder) group(g wording.Group, m wording.Moment) groupView {
	v := groupView{Names: b.Names(g), Kind: b.Kind(g)}
	frames := b.framesOf(g)
	for _, f := range b.Facts(g, m) {
		v.Facts = append(v.Facts, factView{f.Label, b.rich(f.Text, frames)})
	}
	return v
}
