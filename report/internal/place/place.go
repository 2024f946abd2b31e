// Package place says where in a source tree a finding belongs: paths told from the root of the repository, as services that
// show findings beside the source want them, and a line for findings that blame none.
package place

import (
	"cmp"
	"path"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Root is the directory that paths are told from.
type Root struct {
	dir string // "" or absolute, without a slash at its end; "/" is ""
	set bool
}

// New returns the root of a directory, which need not exist; without one the main process's directory is taken.
func New(dir string, run *analyze.Run) Root {
	if dir == "" {
		if main := mainProcess(run); main != nil {
			dir = cmp.Or(main.Cwd, main.Root)
		}
	}
	if !path.IsAbs(dir) {
		return Root{}
	}
	return Root{dir: strings.TrimRight(path.Clean(dir), "/"), set: true}
}

// Dir returns the directory, "" if none is known.
func (r Root) Dir() string {
	if r.set && r.dir == "" {
		return "/"
	}
	return r.dir
}

// Inside returns the path of a file below the root, and whether it is below: "pkg/app.py".
func (r Root) Inside(file string) (string, bool) {
	if !r.set || !real(file) {
		return "", false
	}
	if rel, ok := strings.CutPrefix(path.Clean(file), r.dir+"/"); ok {
		return rel, true
	}
	return "", false
}

// Path returns a relative path for services that know no other: from the root, else from the directory of the process, which
// is the root's counterpart where the program was recorded in a container. ok is false if the file is in neither, or has a
// name that could act on a terminal: no repository has such a file.
func (r Root) Path(file string, p *analyze.Process) (rel string, ok bool) {
	if wording.Clean(file, false) != file {
		return "", false
	}
	if rel, ok := r.Inside(file); ok {
		return rel, true
	}
	if p == nil {
		return "", false
	}
	dir := p.Dir()
	if !path.IsAbs(dir) {
		return "", false
	}
	return Root{dir: strings.TrimRight(path.Clean(dir), "/"), set: true}.Inside(file)
}

// real reports whether a name is that of a file: neither "<string>" nor a name that depends on a directory.
func real(file string) bool { return path.IsAbs(file) }

// URI returns the reference of a file: relative to the root, else file:///….
func (r Root) URI(file string) (uri string, inside bool) {
	if rel, ok := r.Inside(file); ok {
		return Escape(rel), true
	}
	if !real(file) {
		return Escape(file), false
	}
	return "file://" + Escape(path.Clean(file)), false
}

// Escape writes what a path may not hold in a URI as %XX: all but letters, digits and -._~/+,=@. The colon too, for a
// relative reference could begin with a scheme otherwise.
func Escape(file string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(file) {
		c := file[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/+,=@", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

func mainProcess(run *analyze.Run) *analyze.Process {
	for _, p := range run.Processes {
		if p.Main {
			return p
		}
	}
	return nil
}
