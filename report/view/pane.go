package view

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/report/term"
)

// pane is text that scrolls. What write writes is computed beside, for it may look at all tasks of a run.
type pane struct {
	name   string
	hint   string // of keys, for the status line
	write  func(w io.Writer, o term.Options) error
	keys   func(m *Model, key string) tea.Cmd // keys of its own; nil: none
	help   bool
	rows   rows
	text   []string
	width  int // that text is for
	failed error
}

// written is the text of a pane for a width.
type written struct {
	pane  *pane
	width int
	lines []string
	err   error
}

func (p *pane) title(*Model) string { return p.name }

func (p *pane) resized(m *Model, width, height int) tea.Cmd {
	p.rows.height = height
	p.scroll(p.rows.top)
	if width == p.width {
		return nil
	}
	p.width = width
	o := m.o.Text
	o.Width = width - 1
	return func() tea.Msg {
		var b bytes.Buffer
		err := p.write(&b, o)
		return written{p, width, strings.Split(strings.TrimRight(b.String(), "\n"), "\n"), err}
	}
}

func (p *pane) message(_ *Model, msg tea.Msg) tea.Cmd {
	if w, ok := msg.(written); ok && w.pane == p && w.width == p.width {
		p.text, p.failed = w.lines, w.err
		p.rows.n = len(p.text)
		p.scroll(p.rows.top)
	}
	return nil
}

// scroll puts a line at the top. The cursor of a pane is its top line: there is nothing to choose.
func (p *pane) scroll(to int) {
	p.rows.top = max(min(to, p.rows.n-p.rows.height), 0)
}

func (p *pane) key(m *Model, key tea.Key) tea.Cmd {
	page := max(p.rows.height-1, 1)
	switch name := key.String(); name {
	case "up", "k":
		p.scroll(p.rows.top - 1)
	case "down", "j", "enter":
		p.scroll(p.rows.top + 1)
	case "pgup", "ctrl+b":
		p.scroll(p.rows.top - page)
	case "pgdown", "space", "ctrl+f":
		p.scroll(p.rows.top + page)
	case "home", "g":
		p.scroll(0)
	case "end", "G":
		p.scroll(p.rows.n)
	default:
		if p.keys != nil {
			return p.keys(m, name)
		}
	}
	return nil
}

func (p *pane) lines(_ *Model, _, _ int) []string {
	switch {
	case p.failed != nil:
		return []string{p.failed.Error()}
	case p.text == nil:
		return []string{"..."}
	}
	from, to := p.rows.window()
	return p.text[from:to]
}

func (p *pane) status(*Model) string {
	place := ""
	if from, to := p.rows.window(); to-from < p.rows.n {
		place = fmt.Sprintf("lines %d to %d of %d; ", from+1, to, p.rows.n)
	}
	return place + p.hint + "esc back, ? help, q quit"
}
