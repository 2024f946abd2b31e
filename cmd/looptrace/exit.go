package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit status of every verb but run, which passes on that of the command.
const (
	exitClean    = 0
	exitFindings = 1
	exitUsage    = 2 // wrong usage, or a file that cannot be read or written
)

// exitError ends looptrace with a status. A nil err says that nothing is left to say.
type exitError struct {
	code  int
	err   error
	lines []string // what belongs to it: an excerpt of a file
	hint  string   // what to do about it, "" if there is nothing to add
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usageError is wrong usage of a verb.
func usageError(err error, hint string) error {
	return &exitError{code: exitUsage, err: err, hint: hint}
}

// exitStatus prints what err has to say and returns the status it asks for.
func exitStatus(err error, stderr io.Writer) int {
	if err == nil {
		return exitClean
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{code: exitUsage, err: err}
	}
	if exit.err != nil {
		fmt.Fprintf(stderr, "looptrace: %s\n", printable(exit.err.Error()))
	}
	for _, line := range exit.lines {
		fmt.Fprintf(stderr, "looptrace: %s\n", printable(line))
	}
	if exit.hint != "" {
		fmt.Fprintf(stderr, "looptrace: hint: %s\n", printable(exit.hint))
	}
	return exit.code
}

// usageArgs makes a complaint about the number of arguments a usage error; cobra would not tell it from any other.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError(err, helpHint(cmd))
		}
		return nil
	}
}

func helpHint(cmd *cobra.Command) string {
	return fmt.Sprintf("%s --help shows the usage", cmd.CommandPath())
}

// traceArgs wants the trace, and further arguments if there are more names.
func traceArgs(names ...string) cobra.PositionalArgs {
	want := append([]string{"TRACE"}, names...)
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == len(want):
			return nil
		case len(args) < len(want):
			return usageError(fmt.Errorf("%s: no %s given", cmd.Name(), want[len(args)]), cmd.UseLine())
		}
		return usageError(fmt.Errorf("%s: unexpected argument %q", cmd.Name(), args[len(want)]), cmd.UseLine())
	}
}

// oneOf checks the value of a flag that has a fixed set of them.
func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if a == value {
			return nil
		}
	}
	return usageError(fmt.Errorf("no such --%s: %q", flag, value), fmt.Sprintf("--%s takes %s", flag, strings.Join(allowed, ", ")))
}

// oneOfArgs checks an argument that has a fixed set of values.
func oneOfArgs(what, value string, allowed []string) error {
	for _, a := range allowed {
		if a == value {
			return nil
		}
	}
	return usageError(fmt.Errorf("no such %s: %q", what, value), strings.Join(allowed, ", "))
}
