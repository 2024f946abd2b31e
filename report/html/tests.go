package html

import (
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Bounds of the overview: test files, and what is told of one.
const (
	filesShown = 50
	leaksShown = 20
)

// testsView is an overview of the findings by test file.
type testsView struct {
	Title string
	Files []testFile
	More  string
}

type testFile struct {
	Name string
	Rows []leakRow
	More string
}

type leakRow struct{ Severity, Rule, Text, Tests string }

// tests returns the overview of the findings by test file; nil if fewer than two tests have any.
func (b *builder) tests() *testsView {
	if b.res.LeakingTests() < 2 {
		return nil
	}
	v := &testsView{Title: "Findings" + wording.InTests(b.res)}
	files := b.res.LeaksByTest()
	for i := range files {
		if i == filesShown {
			v.More = "and " + wording.Count(len(files)-i, "more file")
			break
		}
		v.Files = append(v.Files, b.testFile(&files[i]))
	}
	b.About(b.run, nil)
	return v
}

func (b *builder) testFile(f *analyze.TestFile) testFile {
	b.About(b.run, f.Leaks[0].Tests[0].Process)
	out := testFile{Name: b.Path(f.File)}
	for i := range f.Leaks {
		if i == leaksShown {
			out.More = "and " + wording.Count(len(f.Leaks)-i, "more kind")
			break
		}
		l := &f.Leaks[i]
		out.Rows = append(out.Rows, leakRow{string(l.Severity), b.Clean(l.Rule), b.Leak(l), b.TestsOfFile(l.Tests)})
	}
	return out
}
