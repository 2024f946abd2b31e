package silence

import (
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// comment matches "# looptrace: ignore[rule, rule] reason", in Go with //. The brackets are asked for: a comment that silences
// everything would hide the next fault on that line too. Without them it is reported as unused.
var comment = regexp.MustCompile(`(#|//)\s*looptrace:\s*ignore\b(?:\[([^\]]*)\])?:?\s*(.*)$`)

// inLine returns the suppression in the comment of a source line, nil if there is none.
func inLine(f *analyze.Frame) *analyze.Suppression {
	if f == nil || !strings.Contains(f.Text, "looptrace:") {
		return nil
	}
	m := comment.FindStringSubmatch(f.Text)
	if m == nil || (m[1] == "//") != strings.HasSuffix(f.File, ".go") {
		return nil
	}
	s := &analyze.Suppression{File: f.File, Line: f.Line, Comment: true, Reason: strings.TrimSpace(m[3])}
	for name := range strings.SplitSeq(m[2], ",") {
		if name = strings.TrimSpace(name); name != "" {
			s.Rules = append(s.Rules, name)
		}
	}
	return s
}
