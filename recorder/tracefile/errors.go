package tracefile

import (
	"errors"
	"fmt"
)

// What can be wrong with a path given to Open, beside fs.ErrNotExist and fs.ErrPermission. Use errors.Is.
var (
	ErrNotTrace     = errors.New("not a looptrace trace")
	ErrEmpty        = errors.New("the file is empty")
	ErrNewerVersion = errors.New("written by a newer looptrace")
	ErrNotSpool     = errors.New("the directory is no looptrace spool")
	ErrSpoolFile    = errors.New("a single file of a looptrace spool")
	ErrSyntax       = errors.New("syntax error") // of a text twin
)

// FormatError says what is wrong with a trace, and where. It wraps one of the errors above.
type FormatError struct {
	Path   string // "" if it was read from no file
	Offset int64  // in bytes
	Line   int    // of a text twin, counted from 1; else 0
	Reason string // what was found; "" if Err says it all
	Err    error
}

func (e *FormatError) Error() string {
	s := e.Err.Error()
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	switch {
	case e.Line > 0 && e.Path != "":
		return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, s)
	case e.Line > 0:
		return fmt.Sprintf("line %d: %s", e.Line, s)
	case e.Path == "":
		return fmt.Sprintf("offset %d: %s", e.Offset, s)
	case e.Offset > 0:
		return fmt.Sprintf("%s: offset %d: %s", e.Path, e.Offset, s)
	}
	return e.Path + ": " + s
}

func (e *FormatError) Unwrap() error { return e.Err }

// VersionError says that a trace has a version that this program cannot read. It is an ErrNewerVersion.
type VersionError struct {
	Path             string
	Found, Supported int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: %v: format version %d, this one reads up to %d", e.Path, ErrNewerVersion, e.Found, e.Supported)
}

func (e *VersionError) Unwrap() error { return ErrNewerVersion }
