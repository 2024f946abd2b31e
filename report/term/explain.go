package term

import (
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Rules writes a list of rules.
func Rules(w io.Writer, rules []analyze.RuleInfo, o Options) error {
	p := &printer{w: w, o: o}
	rows := make([][]string, 0, len(rules))
	for _, r := range rules {
		rows = append(rows, []string{r.ID, string(r.Severity), r.Title})
	}
	p.table([]column{{title: "Rule"}, {title: "Severity"}, {title: "Reports", give: true}}, rows)
	p.linef("")
	p.linef("looptrace explain RULE says more.")
	return p.err
}

// Explain writes the documentation of a rule.
func Explain(w io.Writer, r analyze.RuleInfo, o Options) error {
	p := &printer{w: w, o: o}
	p.paragraph(r.ID+": ", bold, r.Title, plainText, 4)
	facts := "reported as " + string(r.Severity)
	if r.Since != "" {
		facts += ", since looptrace " + r.Since
	}
	p.paragraph("", plainText, facts, faint, 0)
	p.linef("")
	p.markdown(r.Doc)
	if len(r.Causes) > 0 {
		p.linef("")
		p.heading("causes", "")
		for _, c := range r.Causes {
			p.paragraph("    "+c.ID+"  ", bold, strings.Join(strings.Fields(c.Doc), " "), plainText, 8)
		}
	}
	return p.err
}

// markdown writes the plain Markdown of rules: paragraphs are filled, lists hang, and code and what is indented stays.
func (p *printer) markdown(doc string) {
	fenced := false
	var fill []string
	flush := func() {
		if len(fill) == 0 {
			return
		}
		indent := 0
		if strings.HasPrefix(fill[0], "- ") || strings.HasPrefix(fill[0], "* ") {
			indent = 2
		}
		lead, text := boldLead(strings.Join(fill, " "))
		p.paragraph(lead, bold, text, plainText, indent)
		fill = nil
	}
	for _, l := range wording.CleanBlock(strings.Trim(doc, "\n"), p.o.ASCII) {
		text := strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(text, "```"):
			flush()
			fenced = !fenced
		case fenced:
			p.linef("    %s", p.o.paint(green, l))
		case text == "":
			flush()
			p.linef("")
		case strings.HasPrefix(l, "    "):
			flush()
			p.linef("%s", p.o.paint(green, l))
		case strings.HasPrefix(text, "#"):
			flush()
			p.linef("%s", p.o.paint(bold, strings.TrimSpace(strings.TrimLeft(text, "#"))))
		case strings.HasPrefix(text, "- "), strings.HasPrefix(text, "* "):
			flush()
			fill = append(fill, text)
		default:
			fill = append(fill, text)
		}
	}
	flush()
}

// boldLead splits the emphasised words that a paragraph begins with from the rest, and takes other marks of emphasis out.
func boldLead(text string) (lead, rest string) {
	if after, ok := strings.CutPrefix(text, "**"); ok {
		if words, rest, ok := strings.Cut(after, "**"); ok {
			rest, spaced := strings.CutPrefix(rest, " ") // the space belongs to the line, not to the text that is wrapped
			if spaced {
				words += " "
			}
			return words, strings.ReplaceAll(rest, "**", "")
		}
	}
	return "", strings.ReplaceAll(text, "**", "")
}
