package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// Every command has a help that fits a terminal, with its exit statuses and an example; and every flag with a fixed set of
// values completes them.
func TestHelps(t *testing.T) {
	root := newRootCommand(&environment{getenv: os.Getenv})
	commands := 0
	eachCommand(root, func(c *cobra.Command) {
		if c.Name() == "help" {
			return
		}
		if commands++; c.Parent() == root && c.GroupID == "" {
			t.Errorf("%s is under no heading", c.CommandPath())
		}
		var b bytes.Buffer
		c.SetOut(&b)
		if err := c.Help(); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if utf8.RuneCountInString(line) > helpWidth {
				t.Errorf("%s --help: wider than %d columns: %s", c.CommandPath(), helpWidth, line)
			}
		}
		for _, part := range []string{"EXIT STATUS\n", "\nExamples:\n"} {
			if !strings.Contains(b.String(), part) {
				t.Errorf("%s --help has no %s", c.CommandPath(), strings.TrimSpace(part))
			}
		}
		for _, f := range ownFlags(c) {
			if f.Usage == "" {
				t.Errorf("%s: --%s says nothing", c.CommandPath(), f.Name)
			}
			if _, fixed := c.GetFlagCompletionFunc(f.Name); !fixed && takesWords(f.Usage) {
				t.Errorf("%s: --%s completes nothing: %s", c.CommandPath(), f.Name, f.Usage)
			}
		}
	})
	if commands < 12 {
		t.Errorf("only %d commands", commands)
	}
}

// takesWords reports whether a usage lists the values of a flag: "...: one, two, three".
func takesWords(usage string) bool {
	_, list, found := strings.Cut(usage, ": ")
	return found && strings.Contains(list, ", ") && !strings.Contains(usage, "default")
}

func eachCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, visit)
	}
}
