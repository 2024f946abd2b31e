package view

import (
	"fmt"
	"runtime/debug"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Model is the state of the browser: a stack of screens, of which the last is shown.
type Model struct {
	res   *analyze.Result
	o     Options
	words wording.Phraser
	index *index

	width, height int
	stack         []screen
	views         [3]screen // of the keys t, f and r
}

// screen is one of the things that can be shown.
type screen interface {
	// title says in a few words what is shown.
	title(m *Model) string
	// lines returns at most so many lines of at most so many columns.
	lines(m *Model, width, height int) []string
	// status is the line at the bottom.
	status(m *Model) string
	// key acts on a key that the model has no use for.
	key(m *Model, key tea.Key) tea.Cmd
	// resized is called when the size changed, and when the screen is shown first.
	resized(m *Model, width, height int) tea.Cmd
}

// typing is a screen that may be taking in text, so that letters are no commands.
type typing interface{ typing() bool }

// told is a screen that messages can be for.
type told interface {
	message(m *Model, msg tea.Msg) tea.Cmd
}

// New returns the model of a browser, which is not shown before it knows the size of the terminal.
func New(res *analyze.Result, o Options) *Model {
	m := &Model{res: res, o: o, words: wording.Phraser{ASCII: o.Text.ASCII}, index: newIndex(res)}
	m.views = [3]screen{newTasksScreen(), newFindingsScreen(res), newLoopsScreen(res)}
	m.stack = []screen{m.views[0]}
	return m
}

// Init asks for the order of the table, and gives back the memory that reading the trace took.
func (m *Model) Init() tea.Cmd {
	tidy := func() tea.Msg {
		debug.FreeOSMemory()
		return nil
	}
	return tea.Sequence(m.views[0].(*tasksScreen).arrange(m), tidy)
}

func (m *Model) top() screen { return m.stack[len(m.stack)-1] }

// Lines that the model itself writes, and the size from which on anything can be shown.
const (
	headLines   = 2
	footLines   = 1
	leastWidth  = 40
	leastHeight = 8
)

func (m *Model) bodySize() (width, height int) {
	return max(m.width, leastWidth), max(m.height, leastHeight) - headLines - footLines
}

// Update takes in a key, a new size, or the result of a command.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		return m, m.resize()
	case tea.KeyPressMsg:
		return m, m.press(tea.Key(msg))
	case tea.PasteMsg:
		if t, ok := m.top().(typing); ok && t.typing() {
			return m, m.top().key(m, tea.Key{Text: msg.Content})
		}
	case tea.MouseWheelMsg:
		return m, m.wheel(msg.Button)
	default:
		var commands []tea.Cmd
		for _, s := range m.all() {
			if t, ok := s.(told); ok {
				commands = append(commands, t.message(m, msg))
			}
		}
		return m, tea.Batch(commands...)
	}
	return m, nil
}

// all returns every screen there is once.
func (m *Model) all() []screen {
	list := m.views[:]
	for _, s := range m.stack {
		known := false
		for _, v := range m.views {
			known = known || v == s
		}
		if !known {
			list = append(list[:len(list):len(list)], s)
		}
	}
	return list
}

func (m *Model) resize() tea.Cmd {
	width, height := m.bodySize()
	var commands []tea.Cmd
	for _, s := range m.all() {
		commands = append(commands, s.resized(m, width, height))
	}
	return tea.Batch(commands...)
}

// wheelRows is how far a notch of the wheel goes.
const wheelRows = 3

func (m *Model) wheel(b tea.MouseButton) tea.Cmd {
	key := tea.Key{Code: tea.KeyDown}
	switch b {
	case tea.MouseWheelUp:
		key.Code = tea.KeyUp
	case tea.MouseWheelDown:
	default:
		return nil
	}
	var commands []tea.Cmd
	for range wheelRows {
		commands = append(commands, m.top().key(m, key))
	}
	return tea.Batch(commands...)
}

// press acts on a key, or leaves it to the screen that is shown.
func (m *Model) press(key tea.Key) tea.Cmd {
	name := key.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	if t, ok := m.top().(typing); ok && t.typing() {
		return m.top().key(m, key)
	}
	if key.Mod == tea.ModAlt { // esc and a key, one right after the other
		key.Mod = 0
		return tea.Batch(m.press(tea.Key{Code: tea.KeyEscape}), m.press(key))
	}
	switch name {
	case "q":
		return tea.Quit
	case "t":
		return m.change(0)
	case "f":
		return m.change(1)
	case "r":
		return m.change(2)
	case "?":
		if _, open := m.top().(*pane); open && m.top().(*pane).help {
			return m.back()
		}
		return m.open(helpPane(m))
	case "esc", "backspace":
		if len(m.stack) > 1 {
			return m.back()
		}
	}
	return m.top().key(m, key)
}

// change shows one of the views.
func (m *Model) change(to int) tea.Cmd {
	m.stack = []screen{m.views[to]}
	return nil
}

func (m *Model) open(s screen) tea.Cmd {
	m.stack = append(m.stack[:len(m.stack):len(m.stack)], s)
	width, height := m.bodySize()
	return s.resized(m, width, height)
}

func (m *Model) back() tea.Cmd {
	m.stack = m.stack[:len(m.stack)-1]
	return nil
}

// View returns the screen.
func (m *Model) View() tea.View {
	v := tea.NewView(m.text())
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "looptrace " + wording.Clean(m.o.Title, m.o.Text.ASCII)
	return v
}

// text returns the screen as lines.
func (m *Model) text() string {
	switch {
	case m.width == 0:
		return ""
	case m.width < leastWidth || m.height < leastHeight:
		return wording.End(fmt.Sprintf("too small: %dx%d, needs %dx%d", m.width, m.height, leastWidth, leastHeight), m.width, m.o.Text.ASCII)
	}
	width, height := m.bodySize()
	lines := append(make([]string, 0, m.height), m.headline(width), m.tabs(width))
	body := m.top().lines(m, width, height)
	lines = append(lines, body[:min(len(body), height)]...)
	for len(lines) < headLines+height {
		lines = append(lines, "")
	}
	lines = append(lines, m.o.paint(faint, wording.End(m.top().status(m), width, m.o.Text.ASCII)))
	return strings.Join(lines, "\n")
}

func (m *Model) headline(width int) string {
	verdict := wording.FindingCounts(m.res)
	if verdict == "" {
		verdict = wording.Clear(m.res.Run)
	}
	text := "looptrace " + wording.Clean(m.o.Title, m.o.Text.ASCII) + ": " + verdict + wording.Accepted(m.res) + "; " + m.words.Ending(m.res.Run)
	return m.o.paint(bold, wording.End(text, width, m.o.Text.ASCII))
}

// tabs is the line of the views; the one that is shown is in brackets.
func (m *Model) tabs(width int) string {
	names := []string{
		fmt.Sprintf("t tasks %d", len(m.index.tasks)), fmt.Sprintf("f findings %d", len(m.res.Findings)), fmt.Sprintf("r loops %d", len(m.res.Run.Loops)),
	}
	line := ""
	for i, name := range names {
		if m.stack[0] == m.views[i] {
			name = "[" + name + "]"
		} else {
			name = " " + name + " "
		}
		line += name + " "
	}
	if len(m.stack) > 1 {
		line += " " + m.o.pick("›", ">") + " " + m.top().title(m)
	}
	return wording.End(line, width, m.o.Text.ASCII)
}
