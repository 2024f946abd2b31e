package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
	tty "golang.org/x/term"
)

// environment is what the verbs share: the streams, the variables, and the global flags.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string

	color string // auto, always, never
	width int    // columns; -1: find out
	ascii bool

	settings settings // what is set elsewhere than on the command line
}

// bindFlags adds the global flags.
func (e *environment) bindFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&e.color, "color", "auto", "`when` to colour the output: auto, always, never")
	flags.IntVar(&e.width, "width", -1, "`columns` to fit text in, 0 for no limit (default: the terminal's)")
	flags.Lookup("width").DefValue = "0" // not told in the help; -1 would be
	flags.BoolVar(&e.ascii, "ascii", false, "write ASCII characters only")
	e.settings.bindFlags(root)
	must(root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp)))
}

// must is for errors that only a mistake in this package can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// prepare sets the flags of a command that are set elsewhere, and checks the global ones.
func (e *environment) prepare(cmd *cobra.Command) error {
	if err := e.configure(cmd); err != nil {
		return err
	}
	return e.check()
}

func (e *environment) check() error {
	if err := oneOf("color", e.color, "auto", "always", "never"); err != nil {
		return err
	}
	if e.width < -1 {
		return usageError(fmt.Errorf("no such --width: %d", e.width), "--width takes a number of columns, 0 for no limit")
	}
	return nil
}

// options says how to write text to a stream.
func (e *environment) options(w io.Writer) term.Options {
	return term.Options{Width: e.columns(w), Color: e.colored(w), ASCII: e.asciiOnly()}
}

// columns prefers the flag to COLUMNS to the terminal; what is no terminal has no limit, for 80 would cut paths in logs.
func (e *environment) columns(w io.Writer) int {
	if e.width >= 0 {
		return e.width
	}
	if n, err := strconv.Atoi(e.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := terminal(w); ok {
		if n, _, err := tty.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// colored follows no-color.org and force-color.org; whether the stream is a terminal decides last.
func (e *environment) colored(w io.Writer) bool {
	switch e.color {
	case "always":
		return true
	case "never":
		return false
	}
	if e.getenv("NO_COLOR") != "" {
		return false
	}
	for _, name := range []string{"FORCE_COLOR", "CLICOLOR_FORCE"} {
		if v := e.getenv(name); v != "" && v != "0" {
			return true
		}
	}
	if e.getenv("TERM") == "dumb" {
		return false
	}
	_, ok := terminal(w)
	return ok
}

// asciiOnly reports whether the locale cannot show more. Without any locale set, UTF-8 is the better guess.
func (e *environment) asciiOnly() bool {
	if e.ascii {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(e.getenv(name)); v != "" {
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}

// terminal returns the file behind a stream if it is a terminal.
func terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && tty.IsTerminal(int(f.Fd()))
}

// printable escapes what could act on a terminal in a message that may hold file names or arguments.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// written turns the error of writing to standard output into one of looptrace.
func written(err error) error {
	var exit *exitError
	if err == nil || errors.As(err, &exit) {
		return err
	}
	return &exitError{code: exitUsage, err: fmt.Errorf("write output: %w", err)}
}
