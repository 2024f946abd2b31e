package main

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/gotrace"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// load reads a trace, rebuilds the run and judges it.
func load(path string, o reading) (*analyze.Result, error) {
	return loadThrough(path, o, func(src tracefile.Source) tracefile.Source { return src })
}

// loadThrough is load with something that looks on while the trace is read.
func loadThrough(path string, o reading, look func(tracefile.Source) tracefile.Source) (*analyze.Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	file, err := openTrace(path, o.gotrace())
	if err != nil {
		return nil, err
	}
	defer file.Close()
	run, err := analyze.Build(look(file), o.options())
	if err != nil {
		return nil, traceError(path, err)
	}
	if err := o.applyLeaks(run); err != nil {
		return nil, err
	}
	return rule.Check(run, toolVersion()), nil
}

func openTrace(path string, o gotrace.Options) (*tracefile.File, error) {
	file, err := gotrace.Open(path, o)
	if err != nil {
		return nil, traceError(path, err)
	}
	return file, nil
}

const recordHint = `looptrace run -- python app.py records one`

// traceError says in one line why a trace cannot be read, and what to do about it.
func traceError(path string, err error) error {
	var version *tracefile.VersionError
	var format *tracefile.FormatError
	failed := &exitError{code: exitUsage, err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		failed.err, failed.hint = fmt.Errorf("%s: no such file", path), recordHint
	case errors.Is(err, fs.ErrPermission):
		failed.err, failed.hint = fmt.Errorf("%s: permission denied", path), "traces are readable for the user who recorded them only"
	case errors.As(err, &version):
		failed.hint = "upgrade looptrace to read it"
	case errors.Is(err, tracefile.ErrEmpty):
		failed.hint = "the recording may have failed: record again, and see what looptrace run says"
	case errors.Is(err, tracefile.ErrNotSpool):
		failed.hint = "give a trace file, or the spool directory that a recording left behind"
	case errors.Is(err, tracefile.ErrSpoolFile):
		failed.hint = "give the directory it is in"
	case errors.Is(err, tracefile.ErrSyntax), errors.As(err, &format) && format.Line > 0:
		failed.hint = "looptrace events TRACE writes the text form of a trace"
	case errors.Is(err, tracefile.ErrNotTrace):
		failed.hint = contentHint(path)
	case errors.Is(err, syscall.EIO):
		failed.hint = "the disk could not be read"
	}
	return failed
}

// damaged is the error of a trace that ends in the middle or has holes, once all that is left of it was shown; nil for a
// whole one.
func damaged(path string, h *analyze.Health) error {
	if !h.Truncated {
		return nil
	}
	return &exitError{
		code: exitUsage,
		err:  fmt.Errorf("%s: the trace is cut off or damaged: only what is left of it was shown", path),
		hint: "looptrace report ends with what is missing",
	}
}
