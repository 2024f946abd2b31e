// Package gotrace reads Go execution traces (runtime/trace, go test -trace, snapshots of the flight recorder) as events of
// package tracefile: goroutines are the tasks of a loop of class analyze.Goroutines, user tasks those of another. It is the
// only package that knows golang.org/x/exp/trace.
//
// An open trace is read twice: its first generation by readPrelude, for what the events of a stream rest on although the
// trace tells it late (the goroutines that are older than the trace, where the standard library is); then all of it, event by
// event, by source, which hands each to converter.
package gotrace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Options say what to look for in a Go execution trace beside what it tells by itself.
type Options struct {
	// CloseFuncs are patterns of functions: a goroutine that is seen in one closes something, and what is live then is
	// listed. See matcher for what they match.
	CloseFuncs []string
	// At are moments, in ns since the trace's first event: what is live then is listed.
	At []int64
	// LiveOnly says that only what is live at the end, and at At, is needed.
	LiveOnly bool
}

// magic is what every Go execution trace begins with; the version and "trace\x00\x00\x00" follow.
const magic = "go 1."

const headerSize = 16

// Open opens a trace of any kind: a Go execution trace by its content, all others as tracefile.Open does. Errors are those of
// tracefile.Open. A damaged trace is none: its Health says what is missing.
func Open(path string, o Options) (*tracefile.File, error) {
	f, size, err := openGo(path)
	if err != nil {
		return nil, fmt.Errorf("open trace: %w", err)
	}
	if f == nil {
		return openRecords(path, o)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open trace: %w", err)
	}
	src, err := newSource(f, size, settings{Options: o, text: tracefile.SourceText(info.ModTime())})
	if err != nil {
		f.Close()
		return nil, &tracefile.FormatError{Path: path, Err: tracefile.ErrNotTrace, Reason: err.Error()}
	}
	return tracefile.NewFile(src, path, tracefile.FormatGo, func() error {
		src.close()
		return f.Close()
	}), nil
}

// openRecords opens what no Go execution trace is, with those that are attached to it.
func openRecords(path string, o Options) (*tracefile.File, error) {
	f, err := tracefile.Open(path)
	if err != nil {
		return nil, err
	}
	s := settings{Options: o}
	if info, err := os.Stat(path); err == nil {
		s.text = tracefile.SourceText(info.ModTime())
	}
	return merge(f, s), nil
}

// openGo opens a regular file that begins like a Go execution trace; nil if it is something else, or cannot be read: then
// tracefile.Open says so.
func openGo(path string) (*os.File, int64, error) {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() || st.Size() < headerSize {
		return nil, 0, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, nil
	}
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.Close()
		return nil, 0, err
	}
	if !isGo(head) {
		f.Close()
		return nil, 0, nil
	}
	return f, st.Size(), nil
}

// isGo reports whether a file that begins with head is a Go execution trace: "go 1.26 trace\x00\x00\x00".
func isGo(head []byte) bool {
	return len(head) >= headerSize && bytes.HasPrefix(head, []byte(magic)) && bytes.Contains(head[:headerSize], []byte(" trace\x00"))
}
