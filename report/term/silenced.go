package term

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// silencedShown bounds the silenced findings and the unused suppressions that are listed; the JSON report has all.
const silencedShown = 10

// silenced says which findings somebody accepted, and which suppressions accepted nothing.
func (p *printer) silenced(res *analyze.Result) {
	for i := range res.Silenced {
		if i == silencedShown {
			p.linef("silenced: %s", count(len(res.Silenced)-i, "more finding"))
			break
		}
		s := &res.Silenced[i]
		p.about(res.Run, s.Finding.Process)
		text := s.Finding.Rule
		if s.Finding.At != nil {
			text += " at " + p.at(s.Finding.At)
		}
		p.paragraph("silenced: ", plainText, text+", by "+p.suppression(&s.By), plainText, 4)
	}
	p.about(res.Run, nil)
	for i := range res.Unused {
		if i == silencedShown {
			p.linef("unused: %s", count(len(res.Unused)-i, "more suppression"))
			break
		}
		s := &res.Unused[i]
		what := "nothing to silence in this run"
		if len(s.Rules) == 0 {
			what = "it names no rule: write ignore[RULE]"
		} else if unknown := unknownRules(res, s); unknown != "" {
			what = "there is no rule " + p.clean(unknown)
		}
		p.paragraph("unused: ", yellow, p.suppression(s)+": "+what, plainText, 4)
	}
}

// unknownRules returns the first id that a comment names and no rule has, "" if there is none.
func unknownRules(res *analyze.Result, s *analyze.Suppression) string {
	known := map[string]bool{"*": !s.Comment}
	for i := range res.Rules {
		known[res.Rules[i].ID] = true
	}
	for _, id := range s.Rules {
		if !known[id] {
			return id
		}
	}
	return ""
}

// suppression returns "ignore[rule] at app.py:3 (why)".
func (p *printer) suppression(s *analyze.Suppression) string {
	at := p.at(&analyze.Frame{File: s.File, Line: s.Line})
	text := p.clean(s.Text) + " in " + at
	if s.Comment {
		text = fmt.Sprintf("ignore[%s] at %s", p.clean(strings.Join(s.Rules, ", ")), at)
	}
	if s.Reason != "" {
		text += " (" + end(p.clean(s.Reason), sourceColumns, p.o.ASCII) + ")"
	}
	return text
}
