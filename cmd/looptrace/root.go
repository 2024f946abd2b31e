package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootLong = `looptrace is a flight recorder and post-mortem debugger for asyncio event
loops and for Go programs: it says who called close(), what was still live at
that instant, who spawned it, what it was waiting for, and what to change.

A recording is made with "looptrace run"; the other commands read it. They read
Go execution traces as well. In a Go program goroutines are the tasks.`

// readerExit is the EXIT STATUS section of the verbs that only read.
const readerExit = `EXIT STATUS
  0  the output was written
  2  wrong usage, or the trace cannot be read`

// helpWidth is what the helps fit in, in columns.
const helpWidth = 80

// newRootCommand builds the command line. A new verb is one file and one line here.
func newRootCommand(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "looptrace",
		Short: "Flight recorder and post-mortem debugger for event loops and goroutines",
		Long:  rootLong + "\n\n" + readerExit + "\n  see the help of run and report for theirs",
		Example: `  looptrace run -- python app.py
  looptrace report looptrace-app.1234.ltrace`,
		Args:          knownVerb,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return env.prepare(cmd) }
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError(err, helpHint(cmd)) })
	root.SetHelpCommand(newHelpCommand(root))
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", helpWidth)))
	env.bindFlags(root)
	root.AddCommand(
		newRunCommand(env),
		newReportCommand(env),
		newTasksCommand(env),
		newTaskCommand(env),
		newTreeCommand(env),
		newWhyCommand(env),
		newTimelineCommand(env),
		newViewCommand(env),
		newDiffCommand(env),
		newEventsCommand(env),
		newExplainCommand(env),
		newConfigCommand(env),
		newCompletionCommand(env),
		newVersionCommand(env),
	)
	group(root)
	unwrap(root)
	return root
}

// group puts the commands in the help under headings.
func group(root *cobra.Command) {
	for _, g := range []struct{ title, commands string }{
		{"Record:", "run"},
		{"What went wrong:", "report why diff explain"},
		{"Look around in a trace:", "view timeline tasks task tree events"},
		{"Other:", "config completion help version"},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range root.Commands() {
			if slices.Contains(strings.Fields(g.commands), c.Name()) {
				c.GroupID = g.title
			}
		}
	}
	root.SetHelpCommandGroupID("Other:")
}

// unwrap leaves it to the help where to break what flags say of themselves.
func unwrap(cmd *cobra.Command) {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { f.Usage = strings.Join(strings.Fields(f.Usage), " ") })
	}
	for _, c := range cmd.Commands() {
		unwrap(c)
	}
}

// newHelpCommand is cobra's help command with an error for an unknown topic.
func newHelpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, _, err := root.Find(args)
			if err != nil || cmd == root && len(args) > 0 {
				return usageError(fmt.Errorf("no such command: %q", args[0]), "looptrace --help lists the commands")
			}
			return cmd.Help()
		},
	}
}

// knownVerb refuses what is no verb, and names the one that was probably meant.
func knownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "looptrace --help lists the commands"
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean looptrace " + near[0] + "?"
	}
	return usageError(fmt.Errorf("no such command: %q", args[0]), hint)
}
