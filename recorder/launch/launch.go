// Package launch runs a command with the recorders of Python and Go inside and packs what they recorded.
//
// The command runs as it would without looptrace: in the same process group, with the same standard streams, arguments,
// signal dispositions and limits. Only its environment has more in it, and the recorder takes that out again before the
// program's own code runs. Whatever goes wrong with the recording, the command is started and its exit status told.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/looptrace/looptrace/recorder/launch/gobuild"
	"github.com/looptrace/looptrace/recorder/launch/sample"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Options says what to run and where to write.
type Options struct {
	Command    []string // a first element that is a .py path, -m or -c implies python3
	Output     string   // path of the trace; "" for looptrace-PROGRAM.{pid}.ltrace. {pid} is the process id of looptrace
	Force      bool     // overwrite Output
	RecorderFS fs.FS    // the recorder: sitecustomize.py and what it imports
	Files      [3]*os.File
	Environ    []string // of the command, before the recorder is added to it
	Wakeups    bool     // record who wakes which task
}

// Outcome is how a run went.
type Outcome struct {
	Command  []string       // as started: with python3 where it was implied
	PID      int            // of the command
	ExitCode int            // of the command; 128 and the signal's number if a signal ended it
	Signal   syscall.Signal // that ended the command, 0 if none did
	Shared   bool           // looptrace got that signal too: it was sent to the run, not to the command alone
	Trace    string         // the packed trace, "" if there is none
	Spool    string         // the spool directory that was kept because it could not be packed, "" if it was removed
	Recorded bool           // the recorder reported in at least one process
	Notes    []string       // what the user must be told of the recording, a line each
}

// Readable returns the path to read the recording from: the trace or the kept spool; "" if there is neither.
func (o *Outcome) Readable() string {
	if o.Trace != "" {
		return o.Trace
	}
	return o.Spool
}

func (o *Outcome) note(format string, args ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, args...))
}

// The exit codes of a launcher whose command did not run, as env(1) has them.
const (
	CodeFailed        = 125
	CodeNotExecutable = 126
	CodeNotFound      = 127
)

// StartError says that the command did not run, and with which code looptrace should end because of that.
type StartError struct {
	Code int
	Hint string // "" if there is nothing to suggest
	Err  error
}

func (e *StartError) Error() string { return e.Err.Error() }

// Unwrap returns the error proper.
func (e *StartError) Unwrap() error { return e.Err }

// Run runs the command to its end and packs its recording. An error means that the command was not started, and is a
// *StartError; everything that goes wrong later is in the notes of the outcome. When ctx ends, the command gets a SIGTERM
// and is waited for as before.
func Run(ctx context.Context, opts Options) (*Outcome, error) {
	if len(opts.Command) == 0 {
		return nil, &StartError{Code: CodeFailed, Err: errors.New("no command to run")}
	}
	out := &Outcome{Command: impliedPython(opts.Command)}
	output, err := outputPath(opts, out.Command)
	if err != nil {
		return nil, err
	}
	prog, err := findProgram(out.Command[0], opts.Environ)
	if err != nil {
		return nil, err
	}
	rec := prepare(output, opts, out)
	defer rec.cleanUp()
	rec.instrument(ctx, opts, out)
	status, err := rec.execute(ctx, prog, opts, out)
	if err != nil {
		rec.discard()
		return nil, err
	}
	out.setStatus(status)
	if rec.spool == "" {
		return out, nil
	}
	rec.finish(prog, opts, out)
	return out, nil
}

func (o *Outcome) setStatus(status syscall.WaitStatus) {
	if status.Signaled() {
		o.Signal = status.Signal()
		o.ExitCode = 128 + int(o.Signal)
		return
	}
	o.ExitCode = status.ExitStatus()
}

// recording is the writing side of a run.
type recording struct {
	output   string         // where the trace goes
	spool    string         // absolute; "" if nothing is recorded
	recorder string         // directory of the extracted recorder
	cached   bool           // which stays for the next run
	build    *gobuild.Build // nil: the command is not the go command
	scratch  string         // a temporary directory, "" for none
	began    moment
}

// prepare makes the spool and extracts the recorder. Where that cannot be done it notes why; the spool is "" then.
func prepare(output string, opts Options, out *Outcome) *recording {
	rec := &recording{output: output}
	if opts.RecorderFS == nil {
		out.note("not recorded: no recorder")
		return rec
	}
	spool, output, err := makeSpool(output, opts.Force, opts.Environ)
	if err != nil {
		out.note("not recorded: %v", err)
		return rec
	}
	if output != rec.output {
		out.note("cannot write in %s: the trace goes to %s", filepath.Dir(rec.output), output)
	}
	rec.spool, rec.output = spool, output
	if err := rec.extract(opts.RecorderFS, opts.Environ); err != nil {
		out.note("not recorded: %v", err)
		rec.discard()
	}
	return rec
}

// discard gives up the recording, before anything was recorded.
func (r *recording) discard() {
	if r.spool != "" {
		os.RemoveAll(r.spool) // an empty directory of ours, left behind at worst
		r.spool = ""
	}
}

// starting returns what to start in place of the command.
func (r *recording) starting(prog string, command, env []string) (string, []string, []string) {
	if r.build == nil {
		return prog, command, env
	}
	if r.build.Go != "" {
		prog = r.build.Go
	}
	for _, e := range r.build.Environ {
		name, _, _ := strings.Cut(e, "=")
		env = append(without(env, name), e)
	}
	return prog, r.build.Command, env
}

// cleanUp removes the extracted recorder.
func (r *recording) cleanUp() {
	if r.scratch != "" {
		os.RemoveAll(r.scratch) // in the temporary directory
	}
	if r.recorder != "" && !r.cached {
		os.RemoveAll(r.recorder) // in the temporary directory
	}
}

// execute starts the command and waits for its end, passing signals on.
func (r *recording) execute(ctx context.Context, prog string, opts Options, out *Outcome) (syscall.WaitStatus, error) {
	relay := catchSignals()
	env := opts.Environ
	if r.spool != "" {
		env = withRecorder(env, r.recorder, r.spool, opts.record()...)
	}
	prog, command, env := r.starting(prog, out.Command, env)
	r.began = now()
	proc, err := start(prog, command, env, opts.Files)
	if err != nil {
		relay.stop()
		return 0, err
	}
	out.PID = proc.Pid
	if r.spool != "" {
		if err := tracefile.WriteRunBegin(r.spool, r.info(out)); err != nil {
			out.note("%s: %v", r.spool, err)
		}
	}
	relay.passTo(ctx, proc)
	sampling := r.sample()
	state, err := proc.Wait()
	sampling.Stop()
	relay.stop()
	if err != nil {
		return 0, &StartError{Code: CodeFailed, Err: fmt.Errorf("wait for %s: %w", out.Command[0], err)}
	}
	status, _ := state.Sys().(syscall.WaitStatus)
	out.Shared = status.Signaled() && slices.Contains(relay.got, os.Signal(status.Signal()))
	return status, nil
}

// sample begins to watch for steps that take long.
func (r *recording) sample() *sample.Sampler {
	if r.spool == "" {
		return nil
	}
	return sample.Start(r.spool, func() int64 { return now().mono })
}

// info is what there is to say of the run by now.
func (r *recording) info(out *Outcome) tracefile.RunInfo {
	info := tracefile.RunInfo{
		Command: out.Command, StartedAt: r.began.unix, StartedNS: r.began.mono, PID: out.PID,
		DurationNS: now().mono - r.began.mono, Ended: true, ExitCode: out.ExitCode, Signal: int(out.Signal),
	}
	if out.Signal != 0 {
		info.ExitCode = -1
	}
	return info
}

// finish packs the spool, and removes it once the trace is complete.
func (r *recording) finish(prog string, opts Options, out *Outcome) {
	found := processesIn(r.spool)
	out.Recorded = len(found) > 0
	if why := r.notStarted(found, prog, opts, out); why != "" {
		out.note("%s", why)
	}
	info := r.info(out)
	if info.Outlived = outliving(found, out.PID); len(info.Outlived) > 0 {
		out.note("still running: process %s; recorded up to now", joinInts(info.Outlived))
	}
	if err := tracefile.WriteRunEnd(r.spool, info); err != nil {
		out.note("%s: %v", r.spool, err)
	}
	if err := tracefile.Pack(r.spool, r.output); err != nil {
		out.Spool = r.spool
		out.note("cannot write %s: %v; the recording is in %s, readable as it is", r.output, reason(err), r.spool)
		return
	}
	out.Trace = r.output
	if err := os.RemoveAll(r.spool); err != nil {
		out.note("cannot remove %s: %v", r.spool, reason(err))
	}
}

// notStarted says in one line why not all is recorded that should be, "" if it is.
func (r *recording) notStarted(found []int, prog string, opts Options, out *Outcome) string {
	switch {
	case r.build == nil:
		return notStarted(found, out.PID, out.Command, prog, opts.Environ)
	case len(found) == 0:
		return notBuilt(r.build, out.ExitCode)
	}
	return r.build.Note
}

// reason returns err without the operation and path that os puts in front, for messages that name the path themselves.
func reason(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	var linkErr *os.LinkError
	if errors.As(err, &linkErr) {
		return linkErr.Err
	}
	return err
}
