package tracefile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Attachment is a file of another recorder that belongs to a stream, byte for byte as that recorder wrote it. ReadAt may
// be called from several goroutines at once, until the trace is closed. Where bytes were lost it returns an error.
type Attachment struct {
	Stream StreamID
	Kind   string // AttachedGoTrace
	Size   int64  // in bytes; of a damaged trace, up to the last byte that is there
	io.ReaderAt
}

// AttachedGoTrace is the kind of a Go execution trace: TOKEN.gotrace of a spool.
const AttachedGoTrace = "gotrace"

// attachedSuffix ends the name of an attachment in a spool.
const attachedSuffix = "." + AttachedGoTrace

// attacher is a Source that has attachments.
type attacher interface{ Attachments() []Attachment }

// Attachments returns what other recorders wrote for the streams of the trace, ordered by stream.
func (f *File) Attachments() []Attachment { return attachments(f.Source) }

func attachments(src Source) []Attachment {
	if a, ok := src.(attacher); ok {
		return a.Attachments()
	}
	return nil
}

// Attachments returns the Go execution traces of the spool, as long as they were when it was opened.
func (s *Spool) Attachments() []Attachment {
	var list []Attachment
	for _, p := range s.streams {
		if p.attached != nil {
			list = append(list, Attachment{p.id, AttachedGoTrace, p.attached.size, p.attached})
		}
	}
	return list
}

// spoolAttachment is a file that is opened when it is first read.
type spoolAttachment struct {
	path string
	size int64
	once sync.Once
	file *os.File
	err  error
}

// attach notes the attachment of a token.
func (p *spoolProcess) attach(dir string, info os.FileInfo) {
	p.attached = &spoolAttachment{path: filepath.Join(dir, p.token+attachedSuffix), size: info.Size()}
}

// ReadAt reads up to the size that the file had at first.
func (a *spoolAttachment) ReadAt(b []byte, at int64) (int, error) {
	a.once.Do(func() { a.file, a.err = openRegular(a.path) })
	switch {
	case a.err != nil:
		return 0, a.err
	case at < 0:
		return 0, fmt.Errorf("read %s: negative offset", a.path)
	case at >= a.size:
		return 0, io.EOF
	}
	short := int64(len(b)) > a.size-at
	if short {
		b = b[:a.size-at]
	}
	n, err := a.file.ReadAt(b, at)
	if err == nil && short {
		err = io.EOF
	}
	return n, err
}

func (a *spoolAttachment) close() error {
	a.once.Do(func() { a.err = os.ErrClosed })
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}
