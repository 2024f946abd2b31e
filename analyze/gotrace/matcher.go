package gotrace

import (
	"fmt"
	"strings"
)

// maxClosing is how many functions can be told apart that close something: as many as bits of a mask.
const maxClosing = 64

// matcher finds functions by patterns. A pattern is the name of a function as stacks have it, with or without the
// directories of its import path ("net/http.(*Server).Shutdown", "http.(*Server).Shutdown"), without its package
// ("(*Server).Shutdown") or only its last part with any receiver ("*.Shutdown": also the function "app.Shutdown"). What
// stands in brackets for type parameters ("[...]") can be left out.
type matcher struct {
	patterns []string
	found    []string // full names of functions, by bit
	hit      []bool   // by pattern; shared by the traces of one run
	more     bool     // there were more than maxClosing
}

func newMatcher(patterns []string, hit []bool) *matcher {
	if len(hit) != len(patterns) {
		hit = make([]bool, len(patterns))
	}
	return &matcher{patterns: patterns, hit: hit}
}

// match returns the bit of a function that closes something, 0 for any other. Each function must be asked about once only.
func (m *matcher) match(full string) uint64 {
	hit := false
	for i, p := range m.patterns {
		if matches(p, full) {
			m.hit[i], hit = true, true
		}
	}
	if !hit {
		return 0
	}
	if len(m.found) == maxClosing {
		m.more = true
		return 0
	}
	m.found = append(m.found, full)
	return 1 << (len(m.found) - 1)
}

func matches(pattern, full string) bool {
	if plain := strings.ReplaceAll(full, "[...]", ""); plain != full && !strings.Contains(pattern, "[...]") {
		full = plain
	}
	short := shortName(full)
	if last, ok := strings.CutPrefix(pattern, "*."); ok {
		return last != "" && strings.HasSuffix(short, "."+last)
	}
	if pattern == full || pattern == short {
		return true
	}
	_, inPackage, ok := strings.Cut(short, ".")
	return ok && strings.HasPrefix(pattern, "(") && pattern == inPackage
}

// unseen says which patterns no function matched. At the end of all traces.
func unseen(patterns []string, hit []bool) []string {
	var out []string
	for i, p := range patterns {
		if !hit[i] {
			out = append(out, fmt.Sprintf("%s was not seen on any stack: a function that neither blocks, wakes a goroutine, starts one nor makes a system call leaves nothing in a Go execution trace; use a function that it calls, --at, or runtime/trace.Log in it", p))
		}
	}
	return out
}
