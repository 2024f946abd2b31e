// Command looptrace records asyncio programs and says who closed which event loop on whom.
//
//	looptrace run [flags] [--] COMMAND…    record a command, and say what was wrong
//	looptrace report TRACE                 the whole story, as text or JSON
//	looptrace tasks TRACE                  the tasks, or those live at a moment
//	looptrace tree TRACE                   who spawned whom
//	looptrace task TRACE ID                the story of one task
//	looptrace why TRACE ID                 what a stuck task waits for, to the cause
//	looptrace diff OLD NEW                 what differs between two runs
//	looptrace events TRACE                 the trace as text
//	looptrace explain [RULE]               what a rule reports, and how to fix it
//	looptrace config show                  what is set where; settings.go sets the flags from it
//
// There is one file per verb: its flags, its help with its exit statuses, and what it wires together. Recording is done in
// recorder/launch, analysis in analyze and analyze/rule, writing in report/...; nothing of them is here. Errors are values
// of type exitError with a hint for the user, which Main alone prints (exit.go).
package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Main runs looptrace with the given arguments and streams and returns its exit status. It is the only printer of errors.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	root := newRootCommand(env)
	if len(args) > 0 && args[0] == cobra.ShellCompRequestCmd {
		plainUsages(root)
	}
	root.SetArgs(beforeProgram(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return exitStatus(env.settings.blame(root.Execute()), stderr)
}
