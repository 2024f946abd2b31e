package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/launch"
	"github.com/looptrace/looptrace/recorder/python"
	"github.com/looptrace/looptrace/report/term"
	"github.com/spf13/cobra"
)

const runLong = `Run runs a command with the recorder inside and says at its end, on standard
error, what was wrong. The command behaves as it would without looptrace, and
nothing is installed. Every Python 3.8 or later that it starts is recorded.

A COMMAND that begins with a .py file, -m or -c is run by python3.

What the go command (1.22 or later, on Linux) builds, runs or tests is recorded
as well: go test ./..., go run ., or go build and then the program. It is built
with an overlay over the standard library that starts an execution trace where
looptrace run starts the program, and does nothing elsewhere.

EXIT STATUS
  that of the command; 128 and the number of the signal that ended it. A signal
       that was sent to looptrace and ended the command ends looptrace as well
  66   the command exited with 0 and there are findings that --fail-on names
       (or the status that --error-exitcode gives)
  125  looptrace itself failed, wrong usage included; the command was not
       started
  126  the command cannot be executed
  127  the command was not found`

const exitFailOn = 66

type runOptions struct {
	output        string
	force, quiet  bool
	failOn        failOn
	errorExitCode int
	recorder      string
	wakeups       bool
	reportFlags
}

func newRunCommand(env *environment) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run [flags] [--] COMMAND...",
		Short: "Run a command and record its event loops, or its goroutines",
		Long:  runLong,
		Example: `  looptrace run -- python app.py
  looptrace run app.py --port 8080
  looptrace run -- go test ./...
  looptrace run --fail-on error -o ci.ltrace -- pytest -x`,
		Args:              cobra.ArbitraryArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return notStarted(env.prepare(cmd)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("error-exitcode") && !cmd.Flags().Changed("fail-on") {
				must(o.failOn.Set(string(analyze.Error)))
			}
			if err := o.check(args); err != nil {
				return notStarted(err)
			}
			return runRun(env, args, o)
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return notStarted(usageError(err, helpHint(cmd)))
	})
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	flags.StringVarP(&o.output, "output", "o", "", "write the trace to `file`; {pid} stands for looptrace's process id\n(default looptrace-PROGRAM.{pid}.ltrace)")
	flags.BoolVarP(&o.force, "force", "f", false, "overwrite the trace file")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print nothing about the recording")
	bindFailOn(cmd, &o.failOn, failOnNone, "replace an exit status of 0")
	flags.IntVar(&o.errorExitCode, "error-exitcode", exitFailOn, "the `status` that replaces it; implies --fail-on error")
	flags.BoolVar(&o.wakeups, "wakeups", false, "record also which task wakes which, for arrows in the timeline; the program\nruns slower")
	flags.StringVar(&o.recorder, "recorder", "auto", "`kind` of recorder: auto, python, native")
	bindReports(cmd, &o.reportFlags)
	must(cmd.RegisterFlagCompletionFunc("recorder", cobra.FixedCompletions([]string{"auto", "python"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func (o *runOptions) check(args []string) error {
	if len(args) == 0 {
		return usageError(errors.New("run: no command given"), "looptrace run -- python app.py")
	}
	if err := o.failOn.check(); err != nil {
		return err
	}
	if err := oneOf("recorder", o.recorder, "auto", "python", "native"); err != nil {
		return err
	}
	if o.recorder == "native" {
		return usageError(errors.New("there is no native recorder in this version"), "--recorder python records the same facts")
	}
	if o.errorExitCode < 1 || o.errorExitCode > 255 {
		return usageError(fmt.Errorf("no such --error-exitcode: %d", o.errorExitCode), "--error-exitcode takes 1 to 255")
	}
	return nil
}

// notStarted gives an error the status that says the command was not started.
func notStarted(err error) error {
	var exit *exitError
	if errors.As(err, &exit) {
		exit.code = launch.CodeFailed
	}
	return err
}

func runRun(env *environment, command []string, o runOptions) error {
	files, err := env.files()
	if err != nil {
		return err
	}
	accepted, err := o.acceptance()
	if err != nil {
		return notStarted(err)
	}
	list, err := o.artefacts()
	if err == nil {
		err = apart(append(o.uses(list), use{o.output, "the trace"}))
	}
	if err != nil {
		return notStarted(err)
	}
	// The command's end decides when to end, and launch passes signals on: nothing cancels the run.
	out, err := launch.Run(context.Background(), launch.Options{
		Command: command, Output: o.output, Force: o.force, RecorderFS: python.FS(), Files: files, Environ: os.Environ(),
		Wakeups: o.wakeups,
	})
	var start *launch.StartError
	if errors.As(err, &start) {
		return &exitError{code: start.Code, err: err, hint: start.Hint}
	}
	signal.Ignore(syscall.SIGPIPE) // a reader of standard error that went away must not change the exit status
	res := conclude(env, out, o, accepted, list)
	if out.Shared {
		launch.Die(out.Signal)
	}
	code := out.ExitCode
	if code == 0 && res != nil && o.failOn.failing(res) {
		code = o.errorExitCode
	}
	return &exitError{code: code}
}

// files returns the standard streams, which the command gets as they are.
func (e *environment) files() (files [3]*os.File, err error) {
	for i, stream := range []any{e.stdin, e.stdout, e.stderr} {
		f, ok := stream.(*os.File)
		if !ok {
			return files, &exitError{code: launch.CodeFailed, err: errors.New("run: the standard streams are no files")}
		}
		files[i] = f
	}
	return files, nil
}

// conclude says how the recording went and what it shows. The result is nil if nobody needs it or it cannot be had.
func conclude(env *environment, out *launch.Outcome, o runOptions, accepted *acceptance, list []artefact) *analyze.Result {
	if !o.quiet {
		for _, n := range out.Notes {
			fmt.Fprintf(env.stderr, "looptrace: %s\n", printable(n))
		}
	}
	if out.Readable() == "" || (o.quiet && o.failOn.off() && len(list) == 0 && !accepted.update && !o.summary) {
		return nil
	}
	res, err := load(out.Readable(), o.loading(list))
	if err == nil {
		env.accept(accepted, res, o.quiet)
		if failed := env.writeArtefacts(list, res, &o.reportFlags, &o.failOn, env.stderr); failed != nil {
			fmt.Fprintf(env.stderr, "looptrace: %s\n", printable(failed.Error()))
		}
	}
	switch {
	case err != nil && o.quiet && len(list) == 0 && !o.summary:
	case err != nil:
		fmt.Fprintf(env.stderr, "looptrace: the recording cannot be read: %s\n", printable(err.Error()))
	case o.quiet:
	case out.Recorded: // without a recording there is nothing to conclude, not even that nothing was wrong
		term.Summary(env.stderr, res, relative(out.Readable()), env.options(env.stderr)) // nowhere left to say it
	}
	return res
}

// accept takes out what is accepted. A baseline that cannot be written is told and changes nothing about the command.
func (e *environment) accept(a *acceptance, res *analyze.Result, quiet bool) {
	said, err := a.apply(res)
	switch {
	case err != nil:
		fmt.Fprintf(e.stderr, "looptrace: %s\n", printable(err.Error()))
	case said != "" && !quiet:
		fmt.Fprintf(e.stderr, "looptrace: %s\n", printable(said))
	}
}

// relative returns a path as a user in the current directory would type it.
func relative(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if rest, ok := strings.CutPrefix(path, strings.TrimSuffix(dir, "/")+"/"); ok {
			return rest
		}
	}
	return path
}

// beforeProgram ends the flags of run at an -m or -c that begins the command: they are options of Python, not of run.
func beforeProgram(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil || cmd.Name() != "run" || cmd.Parent() != root {
		return args
	}
	verb := false
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return args
		case a == "-" || !strings.HasPrefix(a, "-"):
			if verb {
				return args
			}
			verb = true
		case verb && (strings.HasPrefix(a, "-m") || strings.HasPrefix(a, "-c")):
			return slices.Insert(slices.Clone(args), i, "--")
		case takesNext(cmd, a):
			i++
		}
	}
	return args
}

// takesNext reports whether a flag has its value in the next argument.
func takesNext(cmd *cobra.Command, arg string) bool {
	if name, long := strings.CutPrefix(arg, "--"); long {
		f := cmd.Flag(name) // nil for --name=value
		return f != nil && f.NoOptDefVal == ""
	}
	for i, letter := range arg[1:] {
		f := cmd.Flags().ShorthandLookup(string(letter))
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(arg)-2
		}
	}
	return false
}
