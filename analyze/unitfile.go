package analyze

import (
	"path/filepath"
	"strings"
)

// maxTries is how many stacks are looked at for the file of one test.
const maxTries = 16

// testSource looks for where a test is defined in what its tasks say.
type testSource struct {
	tries int
	exact bool // Line is that of the definition
}

// sourceOf looks through the spawn site of one of its tasks for a test's file and line.
func (p *proc) sourceOf(t *Test, s *Site) {
	if t == nil || s == nil {
		return
	}
	src := p.source(t)
	if src.exact || src.tries >= maxTries {
		return
	}
	src.tries++
	if t.defines(&s.Def) {
		src.exact = true
		t.foundIn(&s.Def)
		return
	}
	p.sourceIn(t, s.Stack)
}

func (p *proc) source(t *Test) *testSource {
	if p.sources == nil {
		p.sources = map[*Test]*testSource{}
	}
	if p.sources[t] == nil {
		p.sources[t] = &testSource{}
	}
	return p.sources[t]
}

// sourceIn looks through a stack. The line is one of the function's, not that of its definition.
func (p *proc) sourceIn(t *Test, stack []Frame) {
	for i := range stack {
		if t.File == "" && t.defines(&stack[i]) {
			t.foundIn(&stack[i])
		}
	}
}

// foundIn takes in a frame of a test's function.
func (t *Test) foundIn(f *Frame) {
	t.File, t.Line = f.File, f.Line
	if t.Runner == goTest && t.Class == "" {
		t.Class, _ = t.packageIn(f)
	}
}

// defines reports whether a frame is of the test's own function.
func (t *Test) defines(f *Frame) bool {
	if !f.User || f.Function == "" {
		return false
	}
	if t.Runner == goTest {
		return t.definesGo(f)
	}
	function, _, _ := strings.Cut(t.Function, "[")
	if f.Function != function {
		return false
	}
	file := filepath.ToSlash(f.File)
	if path := t.path(); path != "" {
		return file == path || strings.HasSuffix(file, "/"+path)
	}
	module := strings.TrimSuffix(strings.TrimSuffix(t.Name, "."+t.Function), "."+t.Class)
	return module == "__main__" || strings.HasSuffix(strings.TrimSuffix(file, ".py"), "/"+strings.ReplaceAll(module, ".", "/"))
}

// packageIn returns the package of a test's function, if a frame is of that, or of a function in it: subtests are such.
func (t *Test) packageIn(f *Frame) (string, bool) {
	top, _, _ := strings.Cut(t.Name, "/")
	top, _, _ = strings.Cut(top, " ")
	name := f.Qualname[strings.LastIndexByte(f.Qualname, '/')+1:]
	directories := f.Qualname[:len(f.Qualname)-len(name)]
	last, function, ok := strings.Cut(name, ".")
	if inner, cut := strings.CutPrefix(function, top); !ok || !cut || inner != "" && inner[0] != '.' {
		return "", false
	}
	return directories + last, true
}

// path returns the file in the name of a test of pytest, relative to the root directory of the tests; "" for unittest.
func (t *Test) path() string {
	if t.Runner != "pytest" {
		return ""
	}
	path, _, _ := strings.Cut(t.Name, "::")
	return path
}

// finishFiles gives the tests of which no stack showed the file the one that their name means, under the root directory that
// the others of the run have, if that is the same for all of them.
func (b *builder) finishFiles() {
	root := ""
	for _, t := range b.run.Tests {
		path := t.path()
		if path == "" || t.File == "" {
			continue
		}
		found := strings.TrimSuffix(filepath.ToSlash(t.File), path)
		if root != "" && found != root {
			return
		}
		root = found
	}
	for _, t := range b.run.Tests {
		if path := t.path(); t.File == "" && root != "" && path != "" {
			t.File = root + path
		}
	}
}
