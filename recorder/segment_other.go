//go:build !linux

package recorder

import "errors"

type stat struct{}

// openFacts reports that programs are recorded on Linux only: elsewhere there is no clock that the recordings share.
func (s *spool) openFacts() error { return errors.ErrUnsupported }

func (s *spool) append([]byte) error { return errors.ErrUnsupported }

func (s *spool) closeFile() error { return nil }

func (s *spool) roll(*segment) { s.seg.Store(nil) }
