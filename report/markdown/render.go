// Package markdown writes a result for a comment on a pull request or the summary of a job: Markdown as GitHub and GitLab
// show it. What the program named is text there: it makes no markup, no link, and calls nobody.
package markdown

import (
	"bytes"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/place"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Budget is how many bytes GitHub takes for the summary of a step; it drops a longer one, without a word in the run.
const Budget = 1 << 20

// Least is the smallest budget that can be kept.
const Least = 8 << 10

// Limits of the parts.
const (
	rowsShown   = 100
	groupsShown = 20
	storyBytes  = 64 << 10
	reserve     = 300 // for the line that says what was left out, and what ends the report
)

// Options say how to write.
type Options struct {
	Root   string // directory that paths are told from, absolute
	Links  string // what a link to a file begins with: "https://github.com/o/r/blob/SHA/"; "": links are relative
	Budget int    // bytes to stay within, Least or more; 0: Budget
}

// Render writes the verdict, a table of the findings, and all about each of them as far as the budget goes, with what was left
// out. Errors are those of w.
func Render(w io.Writer, res *analyze.Result, o Options) error {
	if o.Budget <= 0 {
		o.Budget = Budget
	}
	p := &page{res: res, o: o, root: place.New(o.Root, res.Run)}
	var b bytes.Buffer
	p.head(&b)
	var tail bytes.Buffer
	p.tail(&tail)
	room := o.Budget - b.Len() - tail.Len() - reserve
	for i := range res.Findings {
		var one bytes.Buffer
		p.finding(&one, &res.Findings[i], i == 0)
		if room -= one.Len(); room < 0 {
			fmt.Fprintf(&b, "The details of %s are left out, for the size of this page: `looptrace report TRACE` has them.\n\n",
				wording.Count(len(res.Findings)-i, "more finding"))
			break
		}
		b.Write(one.Bytes())
	}
	b.Write(tail.Bytes())
	if _, err := w.Write(append(bytes.TrimRight(b.Bytes(), "\n"), '\n')); err != nil {
		return fmt.Errorf("write markdown: %w", err)
	}
	return nil
}

// page makes one report.
type page struct {
	res  *analyze.Result
	o    Options
	root place.Root
}

// head writes the verdict and the table of the findings.
func (p *page) head(b *bytes.Buffer) {
	ph := annotation.Phraser(p.res, &analyze.Finding{})
	verdict := wording.FindingCounts(p.res)
	if verdict == "" {
		verdict = wording.Clear(p.res.Run)
	}
	fmt.Fprintf(b, "## looptrace: %s\n\n", verdict)
	fmt.Fprintf(b, "%s; %s%s.\n\n", prose(ph.Ending(p.res.Run)), ph.Size(p.res.Run), wording.Accepted(p.res))
	if len(p.res.Findings) == 0 {
		return
	}
	b.WriteString("| Severity | Rule | Finding | Where |\n| --- | --- | --- | --- |\n")
	for i := range p.res.Findings {
		r := p.row(&p.res.Findings[i])
		if i == rowsShown || b.Len()+len(r) > p.o.Budget/3 {
			fmt.Fprintf(b, "\n%s.\n", wording.Count(len(p.res.Findings)-i, "more finding"))
			break
		}
		b.WriteString(r)
	}
	b.WriteByte('\n')
}

// row returns the row of a finding.
func (p *page) row(f *analyze.Finding) string {
	says := prose(annotation.Phraser(p.res, f).Text(f.Message))
	if tests := annotation.Tests(f); tests != "" {
		says += "<br>" + prose(tests)
	}
	return row(string(f.Severity), code(f.Rule), says, p.link(f, p.root.Blame(f, p.res.Run)))
}

// tail writes what is missing from the recording and what could not be decided.
func (p *page) tail(b *bytes.Buffer) {
	h := &p.res.Run.Health
	if missing := wording.Missing(h); missing != "" {
		fmt.Fprintf(b, "Incomplete recording: %s.\n\n", prose(missing))
	}
	for i, n := range h.Notes {
		text := prose(annotation.Stop(wording.End(wording.Clean(n, false), wording.MessageColumns, false)))
		if i == groupsShown || b.Len()+len(text) > p.o.Budget/4 {
			fmt.Fprintf(b, "%s.\n\n", wording.Count(len(h.Notes)-i, "more note"))
			break
		}
		fmt.Fprintf(b, "Note: %s\n\n", text)
	}
}

// link returns a place that leads to the file, as far as it is one of the repository.
func (p *page) link(f *analyze.Finding, at *analyze.Frame) string {
	if at == nil {
		return ""
	}
	text := code(annotation.Phraser(p.res, f).At(at))
	file, ok := p.root.Path(at.File, f.Process)
	if !ok {
		return text
	}
	return fmt.Sprintf("[%s](%s%s#L%d)", text, p.o.Links, place.Escape(file), max(at.Line, 1))
}
