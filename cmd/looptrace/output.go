package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
)

// output writes what render makes to a file, or to standard output if there is none. The file is created only once there
// is something to write, so that a failed command leaves none behind.
func (e *environment) output(path string, render func(io.Writer) error) error {
	return e.outputTo(e.stdout, path, render)
}

// outputTo is output with another stream for reports that go to no file.
func (e *environment) outputTo(stream io.Writer, path string, render func(io.Writer) error) error {
	if path == "" || path == "-" {
		w := bufio.NewWriterSize(stream, 64<<10)
		err := render(w)
		if flushed := w.Flush(); err == nil {
			err = flushed
		}
		return written(err)
	}
	f := &lateFile{path: path}
	err := render(f)
	if failed := f.finish(err == nil); failed != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("write report: %w", failed), hint: "give the path of a file that can be written"}
	}
	return err
}

// lateFile is a file that is created once there is much to write, or all of it: a timeline has hundreds of MB.
type lateFile struct {
	path string
	head bytes.Buffer
	file *os.File
	err  error
}

const lateFileHead = 1 << 20

func (f *lateFile) Write(p []byte) (int, error) {
	if f.file == nil && f.err == nil && f.head.Len()+len(p) <= lateFileHead {
		return f.head.Write(p)
	}
	if f.open(); f.err != nil {
		return 0, f.err
	}
	n, err := f.file.Write(p)
	f.err = err
	return n, err
}

// open creates the file if it is not there yet, with what was written so far.
func (f *lateFile) open() {
	if f.file != nil || f.err != nil {
		return
	}
	if f.file, f.err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); f.err == nil {
		_, f.err = f.head.WriteTo(f.file)
	}
}

// finish writes the rest of a whole report and returns what writing failed with. Half a report is removed.
func (f *lateFile) finish(whole bool) error {
	if whole {
		f.open()
	}
	if f.file == nil {
		return f.err
	}
	if err := f.file.Close(); f.err == nil {
		f.err = err
	}
	if info, err := os.Lstat(f.path); (!whole || f.err != nil) && err == nil && info.Mode().IsRegular() {
		os.Remove(f.path) // at worst it stays
	}
	return f.err
}

// notOver refuses to write a report over the trace it is made from.
func notOver(out, trace string) error {
	a, errA := os.Stat(out)
	b, errB := os.Stat(trace)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return usageError(fmt.Errorf("%s is the trace itself", out), "give the report another name")
	}
	return nil
}
