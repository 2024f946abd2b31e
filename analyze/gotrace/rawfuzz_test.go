package gotrace

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whatever a file holds, the fast ways to read it end, with an error or with as many goroutines as there are bytes for them.
func FuzzRaw(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "testdata", "gotraces", "late-*.trace"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
		f.Add(append(data[:len(data):len(data)], data[headerSize:]...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, size := bytes.NewReader(data), int64(len(data))
		if p, err := fastPrelude(r, size, newStacks(settings{})); err == nil && len(p.older) > len(data) {
			t.Errorf("%d goroutines from %d bytes", len(p.older), len(data))
		}
		src, err := newLiveSource(r, size, settings{})
		if err != nil {
			return
		}
		if n := len(src.conv.out); n > 8*len(data)+8 {
			t.Errorf("%d events from %d bytes", n, len(data))
		}
	})
}

// One changed byte must not make the fast way fail in another manner than with an error.
func TestRawWithChangedBytes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "gotraces", "waits-go1.26.trace"))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for i := headerSize; i < len(data); i += 3 {
		for _, to := range []byte{0, 0x7f, 0xff, data[i] + 1} {
			bad := bytes.Clone(data)
			bad[i] = to
			if _, err := newLiveSource(bytes.NewReader(bad), int64(len(bad)), settings{}); err == nil {
				read++
			}
		}
	}
	if read == 0 {
		t.Error("not one of the traces could be read")
	}
}
