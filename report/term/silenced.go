package term

import (
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// silencedShown bounds the silenced findings and the unused suppressions that are listed; the JSON report has all.
const silencedShown = 10

// silenced says which findings somebody accepted, and which suppressions accepted nothing. Those of a baseline are only
// counted, in the tally: there may be many, and nobody chose them one by one.
func (p *printer) silenced(res *analyze.Result) {
	list := slices.DeleteFunc(slices.Clone(res.Silenced), func(s analyze.Silenced) bool { return s.By.Baseline })
	for i := range list {
		if i == silencedShown {
			p.linef("silenced: %s", wording.Count(len(list)-i, "more finding"))
			break
		}
		s := &list[i]
		p.About(res.Run, s.Finding.Process)
		text := s.Finding.Rule
		if s.Finding.At != nil {
			text += " at " + p.At(s.Finding.At)
		}
		p.paragraph("silenced: ", plainText, text+", by "+p.Suppression(&s.By), plainText, 4)
	}
	p.About(res.Run, nil)
	for i := range res.Unused {
		if i == silencedShown {
			p.linef("unused: %s", wording.Count(len(res.Unused)-i, "more suppression"))
			break
		}
		s := &res.Unused[i]
		p.paragraph("unused: ", yellow, p.Suppression(s)+": "+p.Unused(res, s), plainText, 4)
	}
}
