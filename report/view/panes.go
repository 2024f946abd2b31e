package view

import (
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/term"
)

// storyPane tells of one task: its story, when it took its steps, and how long they took.
func storyPane(m *Model, t *analyze.Task) *pane {
	res := m.res
	return &pane{
		name: m.words.Numbered(t), hint: "w why it waits, ",
		write: func(w io.Writer, o term.Options) error {
			if err := term.Story(w, res, t, o); err != nil {
				return err
			}
			return strips(w, res, t, o)
		},
		keys: func(m *Model, key string) tea.Cmd {
			if key == "w" {
				return m.open(whyPane(m, t))
			}
			return nil
		},
	}
}

// whyPane follows what a task waits for.
func whyPane(m *Model, t *analyze.Task) *pane {
	res := m.res
	return &pane{
		name:  "why " + m.words.Numbered(t),
		write: func(w io.Writer, o term.Options) error { return term.Why(w, res, t, o) },
	}
}

// findingPane tells all about one finding.
func findingPane(m *Model, i int) *pane {
	res, f := m.res, &m.res.Findings[i]
	return &pane{
		name: fmt.Sprintf("finding %d: %s", i+1, m.words.Clean(f.Rule)), hint: "n p next and previous finding, a its tasks, ",
		write: func(w io.Writer, o term.Options) error { return term.Finding(w, res, f, o) },
		keys: func(m *Model, key string) tea.Cmd {
			switch {
			case key == "n" && i+1 < len(res.Findings):
				m.back()
				return m.open(findingPane(m, i+1))
			case key == "p" && i > 0:
				m.back()
				return m.open(findingPane(m, i-1))
			case key == "a":
				return m.tasksOf(i)
			}
			return nil
		},
	}
}

// tasksOf shows the tasks of a finding in the table.
func (m *Model) tasksOf(finding int) tea.Cmd {
	f := &m.res.Findings[finding]
	if len(f.Tasks) == 0 {
		return nil
	}
	m.change(0)
	return m.views[0].(*tasksScreen).filtered(m, filter{only: f.Tasks, what: fmt.Sprintf("finding %d", finding+1)})
}

// loopPane tells of one loop.
func loopPane(m *Model, l *analyze.Loop) *pane {
	res := m.res
	return &pane{
		name:  m.words.Loop(l),
		write: func(w io.Writer, o term.Options) error { return term.Loop(w, res, l, o) },
	}
}

// helpPane says which keys there are.
func helpPane(m *Model) *pane {
	return &pane{name: "help", help: true, write: func(w io.Writer, _ term.Options) error {
		_, err := io.WriteString(w, helpText(m.o))
		return err
	}}
}

func helpText(o Options) string {
	return `t            tasks: one row each; * in front: live at the close
f            findings: what is wrong
r            loops: who ran and closed them, what was live

` + o.pick("↑ ↓ k j", "up down kj ") + o.pick("      ", "  ") + `move; a wheel does, too
space pgdn   a page down
pgup         a page up
g G          to the first, to the last
enter        open what the cursor is on
esc          back; in the table of tasks: drop the filter
w            of a task: what it waits for, and what that waits for
a            of a finding: its tasks

` + o.pick("← → h l", "left right hl") + o.pick("      ", "") + `sort by the column before, behind
i            invert the order
/            show only tasks that hold a text in their name, coroutine, place or
             state; * and ? stand for any text; several words must all be there
q ctrl+c     quit

Warn         E, W, N and a number: so many findings, of which the worst is an
             error, a warning, a note
State        returned, raised, cancelled, collected; of a task that never ended
             what it did last: suspended, running, not-started, pending
Total        from its spawn to its end
Busy         in steps
Sched        ready to go on, before its steps (if wake-ups were recorded)
Idle         the rest
Location     where it was spawned
Awaiting     what it waited for last, and where
`
}
