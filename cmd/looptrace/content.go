package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
)

// contentHint says what to do about a file that is no trace, by what it begins with.
func contentHint(path string) string {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() { // a pipe would wait for a writer
		return recordHint
	}
	f, err := os.Open(path)
	if err != nil {
		return recordHint
	}
	defer f.Close()
	head := beginning(f)
	switch {
	case bytes.HasPrefix(head, goTraceMagic()):
		return "if this trace is of a newer Go than looptrace knows, upgrade looptrace to read it"
	case !bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return recordHint
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return recordHint
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return recordHint
	}
	if bytes.HasPrefix(beginning(z), goTraceMagic()) {
		return "it is a compressed Go execution trace: gunzip it first"
	}
	return "it is compressed, as a pprof profile is: looptrace reads execution traces (go test -trace, /debug/pprof/trace)"
}

// goTraceMagic is what Go execution traces begin with.
func goTraceMagic() []byte { return []byte("go 1.") }

// beginning returns the first bytes of a file, fewer if it has no more.
func beginning(r io.Reader) []byte {
	b := make([]byte, len(goTraceMagic()))
	n, _ := io.ReadFull(r, b)
	return b[:n]
}
