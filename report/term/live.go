package term

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// labelColumns aligns what is said about a group: "spawned", "waiting", "cancel".
const labelColumns = 9

// liveTasks writes live tasks by spawn site, and for each what they wait for and who cancelled them.
func (p *printer) liveTasks(live []*analyze.Live, m wording.Moment) {
	groups := wording.Grouped(live, func(l *analyze.Live) string { return wording.SiteKey(l.Task) })
	for i, g := range groups {
		if i == wording.GroupsShown {
			p.item(4, fmt.Sprintf("and %s from %s", wording.Count(wording.Members(groups[i:]), wording.NounOf(groups[i][0].Task)), wording.Count(len(groups)-i, "other place")))
			return
		}
		p.liveGroup(g, m)
	}
}

func (p *printer) liveGroup(g wording.Group, m wording.Moment) {
	p.paragraph("    "+p.Names(g)+"  ", bold, p.Kind(g), plainText, 8)
	for _, f := range p.Facts(g, m) {
		p.fact(f.Label, f.Text)
	}
}

// fact writes one labelled line about a group.
func (p *printer) fact(label, text string) {
	p.paragraph("        "+wording.Pad(label, labelColumns), faint, text, plainText, 8+labelColumns)
}
