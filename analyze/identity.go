package analyze

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Identity says which fault a finding is, over several runs, edits of the program, machines and versions of Python: the rule,
// and the function to blame. No line is in it, so that edits further up in a file do not make a known finding new.
type Identity struct {
	Rule     string
	Path     string // as PathOf tells it; "" if no line of the program is to blame
	Function string // qualified; of a finding without a line its first task's coroutine, else the program of its process
}

// IdentityOf returns the identity of a finding.
func IdentityOf(f *Finding) Identity {
	id := Identity{Rule: f.Rule}
	switch {
	case f.At != nil:
		id.Path, id.Function = PathOf(f.Process, f.At.File), FunctionOf(f.At)
	case len(f.Tasks) > 0 && f.Tasks[0].Site != nil:
		id.Function = f.Tasks[0].Site.Coro
	case f.Process != nil:
		id.Function = ProgramOf(f.Process)
	}
	id.Path, id.Function = Storable(id.Path), Storable(id.Function)
	return id
}

// Storable returns a name as it comes back from JSON: bytes that are no UTF-8 are replaced.
func Storable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// Fingerprint returns the identity as a hash. ordinal tells apart several findings of one identity in one run; 0 is the first.
func (id Identity) Fingerprint(ordinal int) string { return id.FingerprintIn("", ordinal) }

// FingerprintIn is Fingerprint for a finding in tests, as TestNames tells them.
func (id Identity) FingerprintIn(tests string, ordinal int) string {
	key := "v1\x00" + id.Rule + "\x00" + id.Path + "\x00" + id.Function
	if tests != "" {
		key += "\x00in " + tests
	}
	if ordinal > 0 {
		key += "\x00" + strconv.Itoa(ordinal+1)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// TestNames returns the runner and name of each test of a finding, one a line: "pytest tests/test_mail.py::test_send[2]". They
// are the same in every run, whichever worker ran the test. One helper may leak in many tests, which are as many faults.
func TestNames(f *Finding) string {
	var names []string
	for _, t := range f.Tests {
		names = append(names, t.Runner+" "+t.Name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "\n")
}

// FunctionOf returns the qualified name of a frame's function. A comprehension is a function of its own up to Python 3.11 and
// is none since (PEP 709), so the function around it is meant, where its name tells that.
func FunctionOf(f *Frame) string {
	name := cmp.Or(f.Qualname, f.Function)
	for {
		outer, inner, ok := cutLast(name, ".<locals>.")
		if !ok || !slices.Contains(comprehensions(), inner) {
			return name
		}
		name = outer
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func comprehensions() []string { return []string{"<listcomp>", "<setcomp>", "<dictcomp>"} }

// Unqualified reports whether short may be the name that a Python before 3.11 has for the function long: it knows functions by
// their last names only, and comprehensions by none.
func Unqualified(short, long string) bool {
	if strings.Contains(short, ".") {
		return false
	}
	return slices.Contains(comprehensions(), short) || long[strings.LastIndexByte(long, '.')+1:] == short
}

// OldNames reports whether the functions of a process are known by their last names only.
func (p *Process) OldNames() bool {
	return p != nil && p.Version[0] == 3 && p.Version[1] > 0 && p.Version[1] < 11
}

// maxForks bounds the generations of forked processes that are looked through.
const maxForks = 64

// PathOf returns a file of a process in a form that is the same on every machine: relative to where the process was started,
// or to the directory of its script; a file elsewhere as it is. A forked child was started where its parent was: it may have
// changed its directory since (a daemon's is /).
func PathOf(p *Process, file string) string {
	if p == nil || !strings.HasPrefix(file, "/") {
		return file
	}
	origin := p.Origin()
	dirs := []string{origin.Cwd, p.Cwd, scriptDir(origin), p.Root}
	slices.SortStableFunc(dirs, func(a, b string) int { return -cmp.Compare(min(len(a), 2), min(len(b), 2)) }) // / holds everything: last
	for _, dir := range dirs {
		if rest, ok := below(dir, file); ok {
			return rest
		}
	}
	return file
}

// Origin returns the process that was started as a program and forked into this one; itself if it was not forked.
func (p *Process) Origin() *Process {
	for n := 0; p.Forked && p.Parent != nil && n < maxForks; n++ {
		p = p.Parent
	}
	return p
}

// below returns the path of a file relative to a directory that it is in.
func below(dir, file string) (string, bool) {
	if !strings.HasPrefix(dir, "/") {
		return "", false
	}
	return strings.CutPrefix(path.Clean(file), strings.TrimSuffix(path.Clean(dir), "/")+"/")
}

// ProgramOf returns what a process runs: the name of a script without its directory, "-m pytest" or "-c"; "" if that is not
// known.
func ProgramOf(p *Process) string {
	if p == nil {
		return ""
	}
	name := programOf(p.Argv)
	if strings.HasPrefix(name, "-") {
		return name
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// scriptDir returns the directory of the script that a process runs, "" if it runs none that is told by its whole path.
func scriptDir(p *Process) string {
	if script := programOf(p.Argv); strings.HasPrefix(script, "/") {
		return path.Dir(script)
	}
	return ""
}

// programOf returns what a Python command line runs: a script, "-m pytest" or "-c".
func programOf(argv []string) string {
	for i := 0; i < len(argv); i++ {
		switch a := argv[i]; {
		case i == 0 && strings.HasPrefix(path.Base(a), "python"):
		case a == "-m" && i+1 < len(argv):
			return "-m " + argv[i+1]
		case a == "-c":
			return a
		case a == "-X" || a == "-W":
			i++ // it has a value
		case !strings.HasPrefix(a, "-"):
			return a
		}
	}
	return ""
}
