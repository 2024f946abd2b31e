package rule

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// fingerprint gives every finding an identity (analyze.Identity) as a hash, in which its tests are
// too, with a number where one function has several of a kind: their lines only order them.
func fingerprint(found []analyze.Finding) {
	type key struct {
		analyze.Identity
		tests string
	}
	keyOf := func(f *analyze.Finding) key { return key{analyze.IdentityOf(f), analyze.TestNames(f)} }
	byKey := map[key][]int{}
	for i := range found {
		k := keyOf(&found[i])
		byKey[k] = append(byKey[k], i)
	}
	for i := range found {
		k := keyOf(&found[i])
		same := byKey[k]
		if same[0] != i {
			continue // numbered together with the first
		}
		slices.SortStableFunc(same, func(a, b int) int {
			return cmp.Or(compareFrames(found[a].At, found[b].At), cmp.Compare(a, b))
		})
		for n, at := range same {
			found[at].Fingerprint = k.FingerprintIn(k.tests, n)
		}
		byKey[k] = []int{-1}
	}
}
