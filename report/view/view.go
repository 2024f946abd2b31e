// Package view is the full-screen browser of a recorded run: its tasks in a table, the story of one of them, the findings,
// what waits for what, and the loops.
//
// The screens follow tokio-console's columns and keys. What is long is text of report/term in a pane that scrolls; what is
// many is a table that reads only the rows that it shows, in an order that is computed beside (index.go, arrange.go), so that
// no key takes longer with more tasks. Nothing but this package imports Bubble Tea.
package view

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/term"
)

// Steps is how many steps and tasks a run should keep for this browser (analyze.TimelineOptions.MaxSteps).
const Steps = 2_000_000

// Options say how to show a run.
type Options struct {
	Text  term.Options // Width is not used: the terminal says it
	Title string       // of the window and the first line: the name of the trace
}

// pick returns the first text, or the second one in ASCII.
func (o *Options) pick(utf8, ascii string) string {
	if o.Text.ASCII {
		return ascii
	}
	return utf8
}

// ErrInterrupted says that a signal ended the browser.
var ErrInterrupted = tea.ErrInterrupted

// Run shows a result until the user quits. in and out are a terminal; width and height are those to begin with, 0 to ask it.
func Run(ctx context.Context, res *analyze.Result, o Options, in io.Reader, out io.Writer, width, height int) error {
	profile := colorprofile.ANSI // colours are only written where they are wanted
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithColorProfile(profile)}
	if width > 0 && height > 0 {
		options = append(options, tea.WithWindowSize(width, height))
	}
	_, err := tea.NewProgram(New(res, o), options...).Run()
	if err != nil && !errors.Is(err, ErrInterrupted) {
		return fmt.Errorf("full-screen browser: %w", err)
	}
	return err
}
