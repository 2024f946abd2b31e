package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
)

// fingerprint gives every finding an identity that survives edits elsewhere in the file: rule, file and function, and a
// number where one function has several of a kind. Line numbers are not in it, they only order the several.
func fingerprint(found []analyze.Finding) {
	byKey := map[string][]int{}
	for i := range found {
		k := identity(&found[i])
		byKey[k] = append(byKey[k], i)
	}
	for i := range found {
		k := identity(&found[i])
		same := byKey[k]
		if same[0] != i {
			continue // numbered together with the first
		}
		slices.SortStableFunc(same, func(a, b int) int {
			return cmp.Or(compareFrames(found[a].At, found[b].At), cmp.Compare(a, b))
		})
		for n, at := range same {
			found[at].Fingerprint = digest(k, n)
		}
		byKey[k] = []int{-1}
	}
}

func identity(f *analyze.Finding) string {
	file, function := "", ""
	switch {
	case f.At != nil:
		file, function = relative(f.Process, f.At.File), qualified(f.At)
	case len(f.Tasks) > 0 && f.Tasks[0].Site != nil:
		function = f.Tasks[0].Site.Coro
	}
	return "v1\x00" + f.Rule + "\x00" + file + "\x00" + function
}

func digest(key string, ordinal int) string {
	if ordinal > 0 {
		key += "\x00" + strconv.Itoa(ordinal+1)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func qualified(f *analyze.Frame) string { return cmp.Or(f.Qualname, f.Function) }
