package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A report of any size is written as it is made; what failed leaves no half of one, and no file where nothing was written.
func TestOutputToFiles(t *testing.T) {
	failure := errors.New("no report")
	for _, c := range []struct {
		name  string
		size  int
		fails error
		left  bool
	}{
		{"empty", 0, nil, true},
		{"small", 10, nil, true},
		{"large", 3 * lateFileHead, nil, true},
		{"small, failed", 10, failure, false},
		{"large, failed", 3 * lateFileHead, failure, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "report")
			text := bytes.Repeat([]byte("0123456789"), c.size/10)
			err := (&environment{}).output(path, func(w io.Writer) error {
				for at := 0; at < len(text); at += 1000 {
					if _, err := w.Write(text[at:min(at+1000, len(text))]); err != nil {
						return err
					}
				}
				return c.fails
			})
			if !errors.Is(err, c.fails) {
				t.Errorf("error %v", err)
			}
			got, err := os.ReadFile(path)
			if (err == nil) != c.left || c.left && !bytes.Equal(got, text) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// What cannot be written to is told with a hint, whatever size the report has.
func TestOutputToNowhere(t *testing.T) {
	for _, size := range []int{10, 2 * lateFileHead} {
		err := (&environment{}).output(filepath.Join(t.TempDir(), "no", "report"), func(w io.Writer) error {
			_, err := w.Write(make([]byte, size))
			return err
		})
		var exit *exitError
		if !errors.As(err, &exit) || exit.code != exitUsage || exit.hint == "" {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
