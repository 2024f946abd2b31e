package rule

import (
	"slices"
	"sort"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// mergeRepeats makes one finding of those that are one fault met several times: same rule, cause and line, about tasks of the
// same spawn sites. found is ranked; the first of each kind stays and says how often it happened again.
func mergeRepeats(found []analyze.Finding) []analyze.Finding {
	var kept []analyze.Finding
	index := map[string]int{}
	again := map[int]int{}
	others := map[int][]*analyze.Task{}
	for _, f := range found {
		k := repeatKey(&f)
		i, ok := index[k]
		if !ok || f.At == nil {
			index[k] = len(kept)
			kept = append(kept, f)
			continue
		}
		again[i]++
		kept[i].Folded = append(kept[i].Folded, f)
		for _, t := range f.Tasks {
			if !slices.Contains(kept[i].Tasks, t) && kept[i].Process == f.Process && kept[i].Close == nil {
				kept[i].Tasks = append(kept[i].Tasks, t)
				others[i] = append(others[i], t)
			}
		}
	}
	for i := range kept {
		if n := again[i]; n > 0 {
			text := "the same happened " + count(n, "more time") + " in this run"
			if len(others[i]) > 0 {
				text += ": " + taskNames(others[i])
			}
			kept[i].Message += "; the same " + count(n, "more time")
			kept[i].Follows = append(kept[i].Follows, text)
		}
	}
	return kept
}

func repeatKey(f *analyze.Finding) string {
	parts := []string{f.Rule, f.Cause, string(f.Severity), analyze.TestNames(f)}
	if f.At != nil {
		parts = append(parts, place(nil, f.At), f.At.Function)
	}
	var sites []string
	for _, t := range f.Tasks {
		if t.Site != nil {
			s := t.Site.Coro + "@"
			if t.Site.At != nil {
				s += place(nil, t.Site.At)
			}
			sites = append(sites, s)
		}
	}
	sort.Strings(sites)
	return strings.Join(append(parts, slices.Compact(sites)...), "\x00")
}
