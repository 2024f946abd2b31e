package tracefile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Format is one of the forms in which a trace can be on disk.
type Format string

// The formats.
const (
	FormatPacked Format = "packed"
	FormatSpool  Format = "spool"
	FormatText   Format = "text"
	FormatGo     Format = "go" // a Go execution trace, which package gotrace reads
)

// File is an open trace.
type File struct {
	Source
	Path   string
	Format Format
	close  func() error
}

// NewFile returns an open trace whose events come from a source of another package. close may be nil.
func NewFile(src Source, path string, format Format, close func() error) *File {
	return &File{Source: src, Path: path, Format: format, close: close}
}

// Close closes the files of the trace. What the source returned before stays valid.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	return f.close()
}

// Open opens a packed trace, a spool directory or a text twin, told apart by what is in it. Errors are those of the file
// system (fs.ErrNotExist, fs.ErrPermission…), *FormatError or *VersionError.
func Open(path string) (*File, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open trace: %w", err)
	}
	if st.IsDir() {
		return openDir(path)
	}
	if !st.Mode().IsRegular() {
		return nil, &FormatError{Path: path, Err: ErrNotTrace, Reason: "not a regular file"}
	}
	if st.Size() == 0 {
		return nil, &FormatError{Path: path, Err: ErrEmpty}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open trace: %w", err)
	}
	file, err := openContent(path, f, st.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	return file, nil
}

func openDir(path string) (*File, error) {
	_, newest, err := listSpool(path)
	if err != nil {
		return nil, fmt.Errorf("open trace: %w", err)
	}
	s, err := OpenSpool(path, SpoolOptions{Text: SourceText(newest)})
	if err != nil {
		return nil, err
	}
	return &File{Source: s, Path: path, Format: FormatSpool, close: s.Close}, nil
}

// sniff is how much of a file is looked at to tell what it is.
const sniff = 4096

func openContent(path string, f *os.File, size int64) (*File, error) {
	head := make([]byte, min(size, sniff))
	if n, err := f.ReadAt(head, 0); err != nil && n < len(head) {
		return nil, fmt.Errorf("open trace: %w", err)
	}
	if looksLikeText(head) {
		src, err := newTextReader(path, f)
		if err != nil {
			return nil, err
		}
		return &File{Source: src, Path: path, Format: FormatText, close: f.Close}, nil
	}
	if _, _, ok := parseSpoolName(filepath.Base(path)); ok || bytes.HasPrefix(head, []byte(slotsMagic)) {
		return nil, &FormatError{Path: path, Err: ErrSpoolFile}
	}
	src, err := newPackedReader(path, f, size)
	if err != nil {
		return nil, err
	}
	return &File{Source: src, Path: path, Format: FormatPacked, close: f.Close}, nil
}
