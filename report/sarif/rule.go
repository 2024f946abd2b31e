package sarif

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// describe returns the documentation of a rule. GitHub shows fullDescription in lists and help beside an alert, in the form
// of Markdown if there is one.
func describe(r *analyze.RuleInfo) descriptor {
	doc := strings.TrimSpace(r.Doc)
	first, _, _ := strings.Cut(doc, "\n\n")
	text, markdown := doc, doc
	if len(r.Causes) > 0 {
		text += "\n\nCauses:\n"
		markdown += "\n\n## Causes\n"
		for _, c := range r.Causes {
			says := strings.Join(strings.Fields(c.Doc), " ")
			text += "\n" + c.ID + ": " + says
			markdown += "\n- **" + c.ID + "**: " + says
		}
	}
	out := descriptor{
		ID: r.ID, Name: pascal(r.ID), HelpURI: homepage + "#usage",
		ShortDescription:     message{Text: annotation.Stop(wording.Capital(r.Title))},
		FullDescription:      message{Text: cut(strings.ReplaceAll(strings.Join(strings.Fields(first), " "), "**", ""), descriptionMax)},
		Help:                 message{Text: strings.ReplaceAll(text, "**", ""), Markdown: markdown},
		DefaultConfiguration: configuration{Level: level(r.Severity)},
		Properties:           ruleBag{Tags: []string{"asyncio", "concurrency", "reliability"}, Precision: "very-high", ProblemSeverity: "error"},
	}
	if strings.EqualFold(out.Name, r.ID) {
		out.Name = "" // says nothing, and validators ask for a difference
	}
	switch r.Severity {
	case analyze.Warning:
		out.Properties.ProblemSeverity = "warning"
	case analyze.Note:
		out.Properties.ProblemSeverity = "recommendation"
	}
	return out
}

func level(s analyze.Severity) string {
	switch s {
	case analyze.Error:
		return "error"
	case analyze.Warning:
		return "warning"
	}
	return "note"
}

// pascal returns "CloseRunningLoop" for "close-running-loop": viewers show the name as that of a class.
func pascal(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		b.WriteString(wording.Capital(part))
	}
	return b.String()
}

// cut shortens text to a number of characters, at a word.
func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	s = string(runes[:limit-2])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + " …"
}
