package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/BurntSushi/toml"
)

// names are what a configuration file may be called, in the order in which they are looked for in a directory.
func names() []string { return []string{"looptrace.toml", ".looptrace.toml", pyproject} }

const (
	pyproject = "pyproject.toml"
	maxSize   = 1 << 20 //  bytes; nobody writes such a file by hand
)

// Found is the outcome of looking for a configuration file.
type Found struct {
	Path    string   // "" if there is none
	Foreign []string // files that were passed over because they belong to somebody else
}

// Find looks for the file that holds in a directory: in it and in those above, up to the root of the repository. A
// pyproject.toml counts if it has a table [tool.looptrace]. A file of another user counts only if the directory is theirs
// as well: anybody can put one into /tmp, above the work of others.
func Find(dir string) (Found, error) {
	var found Found
	trusted := []int{0, os.Getuid()}
	if info, err := os.Stat(dir); err == nil {
		trusted = append(trusted, owner(info))
	}
	for {
		for _, name := range names() {
			path := filepath.Join(dir, name)
			data, by, err := readRegular(path)
			switch {
			case errors.Is(err, errAbsent):
				continue
			case by >= 0 && !slices.Contains(trusted, by):
				found.Foreign = append(found.Foreign, path)
				continue
			case err != nil:
				return found, err
			case name == pyproject && !mentionsUs(data):
				continue
			}
			found.Path = path
			return found, nil
		}
		up := filepath.Dir(dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || up == dir {
			return found, nil
		}
		dir = up
	}
}

// errAbsent says that there is no file of a name, or something else than a file.
var errAbsent = errors.New("no such file")

// readRegular reads a file and says whose it is; -1 if that is not known. It never waits for a pipe.
func readRegular(path string) (data []byte, by int, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil, -1, errAbsent
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, owner(info), err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, -1, errAbsent
	}
	data, err = io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxSize)
	}
	return data, owner(info), err
}

func owner(info os.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// mentionsUs reports whether a pyproject.toml has our table. One that is no TOML counts if it may have: what is wrong with
// it should be told then, and is no concern of ours otherwise.
func mentionsUs(data []byte) bool {
	var file struct {
		Tool map[string]toml.Primitive
	}
	if _, deep := deepAt(data); deep {
		return bytes.Contains(data, []byte("tool.looptrace"))
	}
	if _, err := toml.Decode(string(data), &file); err != nil {
		return bytes.Contains(data, []byte("tool.looptrace"))
	}
	_, ok := file.Tool["looptrace"]
	return ok
}

// Resolve returns a path that a file names: a relative one is relative to the directory of the file.
func (f *File) Resolve(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(filepath.Dir(f.Path), path)
}

// Inside reports whether a path leads to a place in the directory of the file, links included, that is no part of the
// repository's own data.
func (f *File) Inside(path string) bool {
	root, err := filepath.EvalSymlinks(filepath.Dir(f.Path))
	if err != nil {
		return false
	}
	real, err := realPath(path)
	if err != nil {
		return false
	}
	rest, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(rest) {
		return false
	}
	for ; rest != "."; rest = filepath.Dir(rest) {
		if filepath.Base(rest) == ".git" {
			return false
		}
	}
	return true
}

// realPath follows the links of a path whose last parts need not exist. A link that leads nowhere is an error: who writes
// to it makes a file there.
func realPath(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real, nil
	}
	if _, there := os.Lstat(path); there == nil || filepath.Dir(path) == path {
		return "", err
	}
	up, err := realPath(filepath.Dir(path))
	return filepath.Join(up, filepath.Base(path)), err
}
