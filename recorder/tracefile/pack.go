package tracefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Copy writes a whole source as a packed trace.
func Copy(w io.Writer, src Source) error {
	p := NewWriter(w, src)
	for {
		e, err := src.Next()
		if errors.Is(err, io.EOF) {
			return p.Close()
		}
		if err == nil {
			err = p.Write(e)
		}
		if err != nil {
			return err
		}
	}
}

// Pack reads a spool directory (or any other trace) and writes it as the packed trace path. The file appears complete or
// not at all, readable for its owner only; one of that name is replaced.
func Pack(spool, path string) error {
	src, err := Open(spool)
	if err != nil {
		return err
	}
	defer src.Close()
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // 0600
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	err = Copy(tmp, src)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("pack: %w", err)
	}
	return nil
}
