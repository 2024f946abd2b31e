package term

import (
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// briefShown bounds the findings after the first; the JSON report has all.
const briefShown = 10

// Render writes res as text: the verdict first, then the finding to act on in full, the others briefly, and what is
// missing from the recording. A clean run is one line.
func Render(w io.Writer, res *analyze.Result, o Options) error {
	p := newPrinter(w, o, res.Run)
	if len(res.Findings) == 0 {
		p.clear(res.Run, wording.Accepted(res))
		p.silenced(res)
		p.health(&res.Run.Health)
		return p.err
	}
	seen := map[*analyze.Close]bool{}
	for i := range res.Findings {
		f := &res.Findings[i]
		p.About(res.Run, f.Process)
		if i > briefShown {
			p.linef("")
			p.linef("and %s: looptrace report --format json has them all", wording.Count(len(res.Findings)-i, "more finding"))
			break
		}
		if i == 0 {
			p.finding(f, res.Run)
		} else {
			p.linef("")
			p.brief(f, res.Run, seen)
		}
		seen[f.Close] = true
	}
	p.leaks(res)
	p.linef("")
	p.tally(res)
	p.silenced(res)
	p.health(&res.Run.Health)
	return p.err
}

// clear is the line of a run without findings; it is one line at any width.
func (p *printer) clear(run *analyze.Run, more string) {
	p.linef("%s%s; %s%s", p.o.paint(green, wording.Clear(run)+": "), p.Ending(run), p.Size(run), more)
}

// tally is the line that ends a report with findings.
func (p *printer) tally(res *analyze.Result) {
	p.paragraph(wording.FindingCounts(res)+wording.InTests(res)+": ", bold, p.Ending(res.Run)+"; "+p.Size(res.Run)+wording.Accepted(res), plainText, 4)
}

// health says what is missing from the recording and what could not be decided; nothing when all is there.
func (p *printer) health(h *analyze.Health) {
	missing := wording.Missing(h)
	if missing == "" {
		for _, n := range h.Notes {
			p.paragraph("note: ", cyan, p.Text(n), plainText, 6)
		}
		return
	}
	p.paragraph("incomplete recording: ", yellow, missing, plainText, 4)
	for _, n := range h.Notes {
		p.paragraph("    ", plainText, p.Text(n), plainText, 6)
	}
}
