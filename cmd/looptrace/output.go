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
	var b bytes.Buffer
	if err := render(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("write report: %w", err), hint: "-o takes the path of a file that can be written"}
	}
	return nil
}

// notOver refuses to write a report over the trace it is made from.
func notOver(out, trace string) error {
	a, errA := os.Stat(out)
	b, errB := os.Stat(trace)
	if errA == nil && errB == nil && os.SameFile(a, b) {
		return usageError(fmt.Errorf("%s is the trace itself", out), "give -o another name")
	}
	return nil
}
