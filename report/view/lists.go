package view

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// lineScreen is a list of one line per thing, each of which can be opened.
type lineScreen struct {
	rows  rows
	name  string
	empty string
	head  func(m *Model, width int) string
	line  func(m *Model, i, width int) (string, style)
	open  func(m *Model, i int) *pane
	extra func(m *Model, i int, key string) tea.Cmd
	hint  string
}

func (s *lineScreen) title(*Model) string { return s.name }

func (s *lineScreen) resized(_ *Model, _, height int) tea.Cmd {
	s.rows.height = height - 1
	s.rows.move(s.rows.cursor)
	return nil
}

func (s *lineScreen) key(m *Model, key tea.Key) tea.Cmd {
	name := key.String()
	if s.rows.key(name) || s.rows.n == 0 {
		return nil
	}
	if name == "enter" {
		return m.open(s.open(m, s.rows.cursor))
	}
	if s.extra != nil {
		return s.extra(m, s.rows.cursor, name)
	}
	return nil
}

func (s *lineScreen) lines(m *Model, width, _ int) []string {
	if s.rows.n == 0 {
		return []string{"", "  " + s.empty}
	}
	lines := []string{m.o.paint(bold, s.head(m, width))}
	from, to := s.rows.window()
	for i := from; i < to; i++ {
		text, look := s.line(m, i, width-2)
		text = wording.End(text, width-2, m.o.Text.ASCII)
		if i == s.rows.cursor {
			lines = append(lines, m.o.paint(chosen, "> "+wording.Pad(text, width-2)))
		} else {
			lines = append(lines, "  "+m.o.paint(look, text))
		}
	}
	return lines
}

func (s *lineScreen) status(*Model) string {
	if s.rows.n == 0 {
		return "t tasks, ? help, q quit"
	}
	return fmt.Sprintf("%d of %d; enter opens it, %s? help, q quit", s.rows.cursor+1, s.rows.n, s.hint)
}

func newFindingsScreen(res *analyze.Result) *lineScreen {
	return &lineScreen{
		rows: rows{n: len(res.Findings)}, name: "findings", empty: wording.Clear(res.Run), hint: "a its tasks, ",
		head: func(_ *Model, _ int) string { return "  Severity  Tasks  Finding" },
		line: func(m *Model, i, width int) (string, style) {
			f := &m.res.Findings[i]
			m.words.About(m.res.Run, f.Process)
			place := ""
			if f.At != nil {
				place = "  " + m.words.At(f.At)
			}
			text := fmt.Sprintf("%-8s  %5d  %s: %s", f.Severity, len(f.Tasks), m.words.Clean(f.Rule), m.words.Text(f.Message))
			if room := width - wording.Width(place); room > width/2 {
				text = wording.Pad(wording.End(text, room, m.o.Text.ASCII), room) + place
			}
			return text, look(f.Severity)
		},
		open:  findingPane,
		extra: func(m *Model, i int, key string) tea.Cmd { return m.findingKey(i, key) },
	}
}

func (m *Model) findingKey(i int, key string) tea.Cmd {
	if key == "a" {
		return m.tasksOf(i)
	}
	return nil
}

func look(s analyze.Severity) style {
	switch s {
	case analyze.Error:
		return red
	case analyze.Warning:
		return yellow
	}
	return cyan
}

func newLoopsScreen(res *analyze.Result) *lineScreen {
	decisive := tasklist.DecisiveClose(res)
	return &lineScreen{
		rows: rows{n: len(res.Run.Loops)}, name: "loops", empty: "no loop was recorded", hint: "* closed when it went wrong, or last; ",
		head: func(_ *Model, _ int) string { return "    Loop  Opened    Runs  Live  Closed" },
		line: func(m *Model, i, _ int) (string, style) {
			l := m.res.Run.Loops[i]
			m.words.About(m.res.Run, l.Process)
			text, live := m.closed(l)
			mark := " "
			if decisive != nil && decisive.Loop == l {
				mark = "*"
			}
			return fmt.Sprintf("%s %4d  %-8s  %4d  %4d  %s", mark, l.ID, wording.Instant(l.OpenedNS), len(l.Runs), live, text), plain
		},
		open: func(m *Model, i int) *pane { return loopPane(m, m.res.Run.Loops[i]) },
	}
}

// closed says how a loop was closed, and how many tasks were live at the close that tells most.
func (m *Model) closed(l *analyze.Loop) (string, int) {
	var parts []string
	live := 0
	for _, c := range l.Closes {
		if c.Outcome == "noop" {
			continue
		}
		text := map[string]string{"closed": "", "refused": "refused ", "seen": m.words.Closed(c) + " "}[c.Outcome] + wording.Instant(c.TimeNS)
		if c.Outcome == "raised" || c.Outcome == "" {
			text = "failed " + text
		}
		if c.At != nil {
			text += " " + m.words.Place(c.At)
		}
		parts = append(parts, text)
		live = max(live, len(c.Live))
	}
	switch {
	case wording.Scheduler(l): // it is no loop that anybody closes
		parts = append([]string{m.words.Name(l.Class)}, parts...)
	case l.ClosedBy == nil:
		parts = append(parts, "never closed")
	}
	text := strings.Join(parts, ", ")
	if l.Thread != "" {
		text += ", thread " + m.words.Name(l.Thread)
	}
	if l.Process != nil && len(m.res.Run.Processes) > 1 {
		text += fmt.Sprintf(", process %d", l.Process.PID)
	}
	return text, live
}
