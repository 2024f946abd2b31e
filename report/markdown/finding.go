package markdown

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/term"
)

// finding writes all about one finding, folded up unless it is the one to act on.
func (p *page) finding(b *bytes.Buffer, f *analyze.Finding, open bool) {
	ph := annotation.Phraser(p.res, f)
	at := p.root.Blame(f, p.res.Run)
	fmt.Fprintf(b, "<details%s>\n<summary>%s: <b>%s</b>", map[bool]string{true: " open"}[open], f.Severity, html.EscapeString(wording.Clean(f.Rule, false)))
	if at != nil {
		b.WriteString(" at " + code(ph.At(at)))
	}
	fmt.Fprintf(b, "</summary>\n\n%s\n\n", prose(annotation.Stop(ph.Text(f.Message))))
	if tests := annotation.Tests(f); tests != "" {
		fmt.Fprintf(b, "%s.\n\n", prose(tests))
	}
	p.excerpt(b, ph, f)
	p.tasks(b, ph, f)
	for i, s := range append(append([]string{}, f.Messages...), f.Follows...) {
		if i == 0 {
			b.WriteString("Follows from it:\n\n")
		}
		if i == groupsShown {
			break
		}
		fmt.Fprintf(b, "- %s\n", prose(ph.Text(s)))
	}
	if len(f.Messages)+len(f.Follows) > 0 {
		b.WriteByte('\n')
	}
	p.fix(b, ph, f)
	p.story(b, f)
	fmt.Fprintf(b, "More: %s\n\n</details>\n\n", code("looptrace explain "+f.Rule))
}

// excerpt writes the line to blame, with carets under the call.
func (p *page) excerpt(b *bytes.Buffer, ph *wording.Phraser, f *analyze.Finding) {
	if f.At == nil {
		return
	}
	fmt.Fprintf(b, "%s", p.link(f, f.At))
	if f.At.Function != "" {
		b.WriteString(" in " + code(ph.Name(f.At.Function)))
	}
	text := wording.CleanSource(f.At.Text, false)
	if text == "" || !wording.Fits(text, wording.SourceColumns) {
		text = ph.Source(f.At)
		if text == "" {
			b.WriteString("\n\n")
			return
		}
		b.WriteString(":\n\n" + fence(language(f), []string{text}) + "\n")
		return
	}
	from, to := wording.Span(text, wording.Needles(f))
	carets := strings.Repeat(" ", wording.Width(text[:from])) + strings.Repeat("^", max(wording.Width(text[from:to]), 1))
	if label := wording.Label(f, wording.MomentOf(f)); label != "" {
		carets += " " + label
	}
	b.WriteString(":\n\n" + fence(language(f), []string{text, carets}) + "\n")
}

// tasks writes a table of the tasks that a finding is about.
func (p *page) tasks(b *bytes.Buffer, ph *wording.Phraser, f *analyze.Finding) {
	groups, moment := annotation.Groups(ph, f)
	if len(groups) == 0 {
		return
	}
	var all []*analyze.Task
	for _, g := range groups {
		all = append(all, g.Tasks...)
	}
	if moment != "" {
		fmt.Fprintf(b, "Live %s: %s.\n\n", prose(ph.Clean(moment)), wording.CountTasks(all))
	} else {
		fmt.Fprintf(b, "About %s.\n\n", wording.CountTasks(all))
	}
	titles := "| Task | Coroutine |"
	if f.Process.Go() {
		titles = "| " + wording.Capital(wording.NounOf(all[0])) + " | Function |"
	}
	b.WriteString(titles + " State | Spawned |\n| --- | --- | --- | --- |\n")
	for i, g := range groups {
		if i == groupsShown {
			n := 0
			for _, g := range groups[i:] {
				n += len(g.Tasks)
			}
			fmt.Fprintf(b, "\nAnd %s.\n", wording.Count(n, "more "+wording.NounOf(g.Tasks[0])))
			break
		}
		coro, state := "", prose(g.State)
		if g.Coro != "" {
			coro = code(g.Coro)
		}
		if g.Cancel != "" {
			state += "<br>cancel " + prose(g.Cancel)
		}
		b.WriteString(row(code(g.Names), coro, state, prose(g.Spawned)))
	}
	b.WriteByte('\n')
}

func (p *page) fix(b *bytes.Buffer, ph *wording.Phraser, f *analyze.Finding) {
	if f.Fix.Summary != "" {
		fmt.Fprintf(b, "**Fix:** %s\n\n", prose(annotation.Stop(ph.Text(f.Fix.Summary))))
	}
	if f.Fix.Code != "" {
		b.WriteString(fence(language(f), wording.CleanBlock(f.Fix.Code, false)) + "\n")
	}
}

// story writes the text report of the finding, folded up.
func (p *page) story(b *bytes.Buffer, f *analyze.Finding) {
	var text bytes.Buffer
	_ = term.Finding(&text, p.res, f, term.Options{}) // a buffer takes all
	lines := strings.Split(strings.TrimRight(text.String(), "\n"), "\n")
	n := 0
	for i, l := range lines {
		if n += len(l) + 1; n > storyBytes {
			lines = append(lines[:i:i], "…")
			break
		}
	}
	b.WriteString("<details>\n<summary>The whole story</summary>\n\n" + fence("text", lines) + "\n</details>\n\n")
}

// language is that of the source lines of a finding.
func language(f *analyze.Finding) string {
	if f.Process.Go() {
		return "go"
	}
	return "python"
}
