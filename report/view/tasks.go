package view

import (
	"fmt"
	"strings"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// tasksScreen is the table of tasks.
type tasksScreen struct {
	rows   rows
	list   list
	shown  arrangement // of list
	wanted arrangement // that is being computed, or shown
	newest *atomic.Int64
	input  *string // of the filter that is being typed; nil: none is
}

func newTasksScreen() *tasksScreen {
	return &tasksScreen{newest: new(atomic.Int64), shown: arrangement{by: -1}}
}

func (s *tasksScreen) title(*Model) string { return "tasks" }
func (s *tasksScreen) typing() bool        { return s.input != nil }

// selected returns the task under the cursor, nil if the table is empty.
func (s *tasksScreen) selected(m *Model) *analyze.Task {
	if s.rows.cursor >= s.list.len() {
		return nil
	}
	return m.index.tasks[s.list.at(s.rows.cursor)]
}

// arrange asks for what is wanted. If only the direction changed, nothing has to be computed.
func (s *tasksScreen) arrange(m *Model) tea.Cmd {
	selected := s.selected(m)
	return m.index.arrange(s.wanted, selected, s.newest.Add(1), s.newest)
}

func (s *tasksScreen) message(m *Model, msg tea.Msg) tea.Cmd {
	a, ok := msg.(arranged)
	if !ok {
		return nil
	}
	m.index.orders[a.by] = a.order
	if a.request != s.newest.Load() {
		return nil
	}
	first := s.shown.by < 0
	s.shown, s.list = a.arrangement, list{a.list, a.inverted}
	s.rows.n = s.list.len()
	at := 0
	if a.cursor >= 0 && !first {
		at = a.cursor
		if a.inverted {
			at = s.list.len() - 1 - at
		}
	}
	s.rows.move(at)
	return nil
}

func (s *tasksScreen) resized(_ *Model, _, height int) tea.Cmd {
	s.rows.height = height - 1
	s.rows.move(s.rows.cursor)
	return nil
}

func (s *tasksScreen) key(m *Model, key tea.Key) tea.Cmd {
	if s.input != nil {
		return s.typed(m, key)
	}
	name := key.String()
	if s.rows.key(name) {
		return nil
	}
	switch name {
	case "enter":
		if t := s.selected(m); t != nil {
			return m.open(storyPane(m, t))
		}
	case "w":
		if t := s.selected(m); t != nil {
			return m.open(whyPane(m, t))
		}
	case "h", "left":
		return s.sort(m, -1)
	case "l", "right":
		return s.sort(m, 1)
	case "i":
		s.wanted.inverted = !s.wanted.inverted
		return s.arrange(m)
	case "/":
		text := s.wanted.filter.text
		s.input = &text
	case "esc", "backspace":
		return s.filtered(m, filter{})
	}
	return nil
}

// sort goes to the next column that is shown.
func (s *tasksScreen) sort(m *Model, by column) tea.Cmd {
	width, _ := m.bodySize()
	l := m.index.layout(width)
	c := s.wanted.by
	for c += by; c >= 0 && c < columns && l[c] == 0; c += by {
	}
	if c < 0 || c >= columns {
		return nil
	}
	s.wanted.by, s.wanted.inverted = c, false
	return s.arrange(m)
}

func (s *tasksScreen) filtered(m *Model, f filter) tea.Cmd {
	if f.none() && s.wanted.filter.none() {
		return nil
	}
	s.wanted.filter = f
	return s.arrange(m)
}

// maxInput bounds a filter.
const maxInput = 200

// typed takes in a key of the filter.
func (s *tasksScreen) typed(m *Model, key tea.Key) tea.Cmd {
	text := *s.input
	switch name := key.String(); {
	case name == "enter":
		s.input = nil
		return nil
	case name == "esc":
		s.input = nil
		return s.filtered(m, filter{})
	case name == "backspace":
		if r := []rune(text); len(r) > 0 {
			text = string(r[:len(r)-1])
		}
	case name == "ctrl+u":
		text = ""
	case name == "up" || name == "down":
		s.rows.key(name)
		return nil
	case key.Text != "":
		text = string([]rune(text + key.Text)[:min(len([]rune(text+key.Text)), maxInput)])
	}
	*s.input = text
	if text == s.wanted.filter.text {
		return nil
	}
	return s.filtered(m, filter{text: text, only: s.wanted.filter.only, what: s.wanted.filter.what})
}

func (s *tasksScreen) lines(m *Model, width, height int) []string {
	l := m.index.layout(width)
	lines := []string{m.o.paint(bold, l.header(s.shown, m.o))}
	from, to := s.rows.window()
	for n := from; n < to; n++ {
		i := s.list.at(n)
		lines = append(lines, s.line(m, &l, i, n == s.rows.cursor))
	}
	if s.list.len() == 0 && s.shown.by >= 0 {
		lines = append(lines, "  no tasks"+map[bool]string{true: " match the filter: esc shows all"}[!s.shown.filter.none()])
	}
	return lines
}

// line is one row of the table. The row under the cursor has a mark and is shown in reverse.
func (s *tasksScreen) line(m *Model, l *layout, i int32, cursor bool) string {
	t := m.index.tasks[i]
	live := " "
	if m.index.atEnd[t] {
		live = "*"
	}
	cells := m.cells(l, i)
	if cursor {
		return m.o.paint(chosen, ">"+live+cells)
	}
	look := plain
	switch m.index.warns[t].severity {
	case analyze.Error:
		look = red
	case analyze.Warning:
		look = yellow
	case analyze.Note:
		look = cyan
	}
	if w := l[colWarn]; w > 0 && look != plain && len(cells) >= w {
		cells = m.o.paint(look, cells[:w]) + cells[w:]
	}
	if live == "*" {
		live = m.o.paint(yellow, live)
	}
	return " " + live + cells
}

func (s *tasksScreen) status(m *Model) string {
	if s.input != nil {
		found := s.count(m)
		if s.shown.filter.text != s.wanted.filter.text {
			found = "searching..."
		}
		return "/" + wording.Clean(*s.input, m.o.Text.ASCII) + "_   " + found + "   enter keeps the filter, esc drops it"
	}
	if s.shown.by < 0 {
		return "sorting..."
	}
	plain, inverted := s.shown.by.sorted()
	if s.shown.inverted {
		plain = inverted
	}
	text := fmt.Sprintf("%s by %s, %s", s.count(m), s.shown.by.title(), plain)
	if f := s.shown.filter; !f.none() {
		var of []string
		if f.what != "" {
			of = append(of, "of "+f.what)
		}
		if f.text != "" {
			of = append(of, "filter /"+wording.Clean(f.text, m.o.Text.ASCII))
		}
		text += "; " + strings.Join(of, ", ")
	}
	if s.shown.by != s.wanted.by || s.shown.filter.text != s.wanted.filter.text {
		text = "sorting... " + text
	}
	if len(m.index.atEnd) > 0 {
		text += "; * live at the close"
	}
	return text + "; enter opens, / filters, ? help, q quit"
}

func (s *tasksScreen) count(m *Model) string {
	if s.list.len() == 0 {
		return "no task"
	}
	return fmt.Sprintf("%d of %s", s.rows.cursor+1, wording.Count(s.list.len(), wording.Noun(m.res.Run)))
}
