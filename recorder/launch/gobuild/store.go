package gobuild

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// overlayName is the name of the file that says what replaces what.
const overlayName = "overlay.json"

type overlayFile struct{ Replace map[string]string }

func encodeOverlay(replace map[string]string) ([]byte, error) {
	return json.MarshalIndent(overlayFile{replace}, "", "\t")
}

// maxOverlay bounds the overlay of a user.
const maxOverlay = 64 << 20

func decodeOverlay(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxOverlay {
		return nil, fmt.Errorf("%s: no regular file of a sensible size", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var o overlayFile
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, err
	}
	if o.Replace == nil {
		o.Replace = map[string]string{}
	}
	return o.Replace, nil
}

// sum names the content of files for a toolchain.
func sum(goroot string, files map[string][]byte) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s\n", goroot)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(hash, "%s %d\n%s", name, len(files[name]), files[name])
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8])
}

// same reports whether a directory, closed to others, holds these files.
func same(dir string, files map[string][]byte) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

// store puts files into a new directory of the cache.
func store(cache, dir string, files map[string][]byte) error {
	fresh, err := os.MkdirTemp(cache, "new-*") // 0700
	if err != nil {
		return err
	}
	for name, text := range files {
		path := filepath.Join(fresh, filepath.FromSlash(name))
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		if err = os.Rename(fresh, dir); err != nil && !same(dir, files) { // not that another run was faster
			os.RemoveAll(dir)
			err = os.Rename(fresh, dir)
		}
	}
	if err != nil {
		os.RemoveAll(fresh)
	}
	if !same(dir, files) {
		return fmt.Errorf("%s: not as it should be", dir)
	}
	return nil
}
