package term

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Bounds of the overview: test files, and what is told of one.
const (
	filesShown = 20
	leaksShown = 10
)

// testsOf names the tests that a finding happened in.
func (p *printer) testsOf(f *analyze.Finding) {
	switch len(f.Tests) {
	case 0:
		if text := p.Fixture(f); text != "" {
			p.heading("fixture", text)
		}
	case 1:
		p.heading("test", p.Tests(f.Tests))
	default:
		p.heading(fmt.Sprintf("%d tests", len(f.Tests)), p.Tests(f.Tests))
	}
}

// leaks writes an overview of the findings by test file, if there are several in tests: which coroutine was left, where it
// was made and where it was suspended, and by which tests.
func (p *printer) leaks(res *analyze.Result) {
	if res.LeakingTests() < 2 {
		return
	}
	p.section()
	p.linef("%s", p.o.paint(bold, "findings"+wording.InTests(res)+":"))
	files := res.LeaksByTest()
	for i := range files {
		if i == filesShown {
			p.item(2, "and "+wording.Count(len(files)-i, "more file"))
			return
		}
		p.leaksOf(res, &files[i])
	}
}

func (p *printer) leaksOf(res *analyze.Result, f *analyze.TestFile) {
	p.About(res.Run, f.Leaks[0].Tests[0].Process)
	p.item(2, p.Path(f.File))
	for i := range f.Leaks {
		if i == leaksShown {
			p.item(4, wording.Count(len(f.Leaks)-i, "more kind"))
			return
		}
		l := &f.Leaks[i]
		p.paragraph("    "+p.Clean(l.Rule)+"  ", severityStyle(l.Severity), p.Leak(l), plainText, 10)
		p.paragraph("        ", plainText, p.TestsOfFile(l.Tests), plainText, 8)
	}
}
