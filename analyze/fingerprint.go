package analyze

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Fingerprint identifies a finding over several runs: by its rule, and the function that is to blame, but not the line, so
// that edits further up in the file do not make a known finding new. ordinal tells apart what is otherwise equal; 0 is the
// first. p may be nil.
func Fingerprint(rule string, p *Process, at *Frame, ordinal int) string {
	var file, function string
	if at != nil {
		file, function = at.File, at.Qualname
		if function == "" {
			function = at.Function
		}
		if p != nil && p.Cwd != "" {
			file = strings.TrimPrefix(file, strings.TrimRight(p.Cwd, "/")+"/")
		}
	}
	key := "v1\x00" + rule + "\x00" + file + "\x00" + function
	if ordinal > 0 {
		key += "\x00" + strconv.Itoa(ordinal)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
