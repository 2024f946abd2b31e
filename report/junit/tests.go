package junit

import (
	"path"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// tested is a case of a test and what comes from it.
type tested struct {
	testcase
	found []*analyze.Finding
}

// ofTests returns a suite with a case for each test, and one with the findings that come from no test.
func (b *builder) ofTests() []testsuite {
	cases, others := b.byTest()
	passing := casesTaken
	for _, c := range cases {
		if len(c.found) > 0 {
			passing--
		}
	}
	tests := b.suite("looptrace", b.res.Run.Info.DurationNS)
	for _, c := range cases {
		if len(c.found) == 0 {
			if passing--; passing < 0 {
				continue
			}
		}
		b.judge(&c.testcase, c.found)
		tests.Cases = append(tests.Cases, c.testcase)
	}
	tests.SystemOut = b.conclusion()
	out := []testsuite{tests}
	if len(others) > 0 {
		out = append(out, b.ofFindings("looptrace: in no test", b.res.Run.Info.DurationNS, others))
	}
	return out
}

// byTest returns the tests with their findings, and the findings of none. A test that ran twice is one case, for of several of
// one name only the first counts.
func (b *builder) byTest() (cases []*tested, others []*analyze.Finding) {
	found := map[*analyze.Test][]*analyze.Finding{}
	for i := range b.res.Findings {
		f := &b.res.Findings[i]
		for _, t := range f.Tests {
			found[t] = append(found[t], f)
		}
		if len(f.Tests) == 0 {
			others = append(others, f)
		}
	}
	index := map[string]*tested{}
	for _, t := range b.res.Run.Tests {
		c := b.ofTest(t)
		key := c.Classname + "\x00" + c.Name
		if index[key] == nil {
			index[key] = &tested{testcase: c}
			cases = append(cases, index[key])
		}
		index[key].found = append(index[key].found, found[t]...)
	}
	return cases, others
}

// ofTest returns the case of a test. It is named as the test runner's own report does, behind "looptrace.": GitLab takes the
// first of equal cases in a job, and one that passed would hide what was found in it.
func (b *builder) ofTest(t *analyze.Test) testcase {
	name, class := t.Function, ""
	if t.Runner == "go test" {
		class = t.Class
	} else if rest, ok := strings.CutSuffix(t.Name, t.Function); ok && t.Function != "" {
		class = strings.TrimRight(rest, ":.")
	} else {
		name = t.Name
	}
	if file, inner, ok := strings.Cut(class, "::"); ok || strings.HasSuffix(class, ".py") {
		class = strings.ReplaceAll(strings.TrimSuffix(file, ".py"), "/", ".")
		if inner != "" {
			class += "." + strings.ReplaceAll(inner, "::", ".")
		}
	}
	c := testcase{Classname: short(strings.TrimSuffix("looptrace."+class, ".")), Name: short(name), Time: seconds(t.EndNS - t.BeginNS)}
	if file, ok := b.root.Path(fileOf(t), t.Process); ok && b.placed {
		c.File, c.Line = file, t.Line
	}
	return c
}

// fileOf returns the file of a test; pytest's names begin with it, told from its root, which is where it mostly runs.
func fileOf(t *analyze.Test) string {
	if t.File != "" || t.Runner != "pytest" || t.Process == nil {
		return t.File
	}
	file, _, _ := strings.Cut(t.Name, "::")
	return path.Join(t.Process.Cwd, file)
}
