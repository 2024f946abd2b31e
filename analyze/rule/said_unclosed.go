package rule

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

const unclosed = "Unclosed "

// saidUnclosed returns a finding for each line at which something was collected that its library reported as unclosed. One
// thing often drags others along (a session its connector): the first is named.
func saidUnclosed(p *analyze.Process) []analyze.Finding {
	var found []analyze.Finding
	index := map[analyze.Frame]int{}
	for i := range p.Handled {
		h := &p.Handled[i]
		thing, ok := strings.CutPrefix(h.Message, unclosed)
		if !ok || h.Exception != "" || thing == "" {
			continue
		}
		at := firstUser(h.Stack)
		if at == nil {
			continue
		}
		if n, ok := index[*at]; ok {
			f := &found[n]
			f.Evidence = append(f.Evidence, analyze.Evidence{TimeNS: h.TimeNS, Text: fmt.Sprintf("%q was reported there as well", h.Message)})
			continue
		}
		index[*at] = len(found)
		f := analyze.Finding{At: at, Process: p, Loop: h.Loop}
		f.Message = fmt.Sprintf("nobody closed a %s: it was garbage collected at %s, and its library reported %q", thing, place(p, at), h.Message)
		var e evidence
		e.add(h.TimeNS, at, "it was collected here; it is not known where it was made")
		f.Evidence = e
		name := lastWord(thing)
		f.Fix = analyze.Fix{
			Summary: "close it before the last reference goes, or use it with async with",
			Code:    lines("try:", "    ...", "finally:", "    await "+name+".close()"),
		}
		found = append(found, f)
	}
	return found
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }
