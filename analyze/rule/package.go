package rule

import (
	"cmp"
	"path"
	"path/filepath"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// atRoot is the package of the modules that lie at the program's root.
const atRoot = "."

// foreignCloser returns the name of the library that closed a loop which code of another package opened and ran; "". The
// program itself may close whatever it got.
func foreignCloser(c *analyze.Close, run *analyze.LoopRun) string {
	if run == nil {
		return ""
	}
	by := callerOf(c.Stack, c.At)
	opened := callerOf(c.Loop.Stack, c.Loop.At)
	ranBy := callerOf(run.Stack, run.At)
	if by == nil || opened == nil || ranBy == nil || by.User && !opened.User {
		return ""
	}
	root, own := programRoot(c.Process)
	name, opener, runner := packageOf(by, root), packageOf(opened, root), packageOf(ranBy, root)
	if by.User && name == own || name == "" || opener == "" || runner == "" || name == opener || name == runner {
		return ""
	}
	return name
}

// callerOf returns the frame that called asyncio: that of an installed library, or the program's with its plumbing passed over.
func callerOf(stack []analyze.Frame, at *analyze.Frame) *analyze.Frame {
	f := caller(stack)
	if f != nil && f.User && at != nil {
		return at
	}
	return f
}

// programRoot returns the directory that a process's own modules are imported from, that of its script or the working
// directory for -m, and the package in it that was started.
func programRoot(p *analyze.Process) (root, own string) {
	if p == nil {
		return "", ""
	}
	for i, arg := range p.Argv {
		switch arg = filepath.ToSlash(arg); {
		case i > 0 && arg == "-m" && i+1 < len(p.Argv):
			top, _, _ := strings.Cut(p.Argv[i+1], ".")
			return p.Cwd, top
		case i > 0 && arg == "-c":
			return p.Cwd, atRoot
		case strings.HasSuffix(arg, ".py") && path.IsAbs(arg):
			return path.Dir(arg), atRoot
		case strings.HasSuffix(arg, ".py"):
			return path.Dir(path.Join(p.Cwd, arg)), atRoot
		}
	}
	return p.Cwd, atRoot
}

// packageOf names the top package that a file belongs to: the first directory below site-packages or below the program's
// root. All modules at the root itself are one, "."; a file elsewhere belongs with those in its own directory. Code of
// no file and the standard library's have none: who called them is not known.
func packageOf(f *analyze.Frame, root string) string {
	file := filepath.ToSlash(f.File)
	for _, dir := range []string{"/site-packages/", "/dist-packages/"} {
		if i := strings.LastIndex(file, dir); i >= 0 {
			rest := file[i+len(dir):]
			return strings.TrimSuffix(strings.SplitN(rest, "/", 2)[0], ".py")
		}
	}
	if !f.User || strings.HasPrefix(file, "<") {
		return ""
	}
	dir := path.Dir(file)
	if root == "" || dir != root && !strings.HasPrefix(dir, root+"/") {
		return dir
	}
	top, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(dir, root), "/"), "/")
	return cmp.Or(top, atRoot)
}
