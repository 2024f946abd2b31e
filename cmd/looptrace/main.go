// Command looptrace records asyncio programs and says who closed which event loop on whom.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// Main runs looptrace with the given arguments and streams and returns its exit status. It is the only printer of errors.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	root := newRootCommand(env)
	root.SetArgs(beforeProgram(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return exitStatus(root.Execute(), stderr)
}
