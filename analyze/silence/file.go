package silence

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Entry is one line of a suppression file.
type Entry struct {
	analyze.Suppression
	where []condition
}

// condition is one KEY=PATTERN of an entry.
type condition struct{ key, pattern string }

// keys are what an entry can ask of a finding.
func keys() []string { return []string{"file", "function", "coro", "task", "fingerprint"} }

const (
	maxLine    = 4096
	maxEntries = 100_000
)

// SyntaxError is a line of a suppression file that cannot be understood.
type SyntaxError struct {
	File   string
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// ParseFile reads a suppression file called name. rules are the ids that exist. An error is a *SyntaxError or one of reading.
//
//	# a comment
//	RULE KEY=PATTERN KEY=PATTERN  # reason
//
// RULE is the id of a rule, or * for all. A finding is silenced if every KEY holds for it; a finding about several tasks,
// if they hold for each of them. PATTERN is one of path.Match; that of file is compared with as many of the last parts of
// the path as it has itself. Keys: file and function (of the line to blame, or of where the task was created or is
// defined), coro and task (names), fingerprint.
func ParseFile(r io.Reader, name string, rules []string) ([]*Entry, error) {
	var list []*Entry
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, maxLine), maxLine)
	n := 0
	for in.Scan() {
		n++
		entry, reason := parseEntry(in.Text(), rules)
		if reason == "" && len(list) == maxEntries {
			reason = "too many suppressions"
		}
		if reason != "" {
			return nil, &SyntaxError{File: name, Line: n, Reason: reason}
		}
		if entry != nil {
			entry.File, entry.Line = name, n
			list = append(list, entry)
		}
	}
	if err := in.Err(); err != nil {
		return nil, &SyntaxError{File: name, Line: n + 1, Reason: err.Error()}
	}
	return list, nil
}

// parseEntry returns the entry of a line, nil if it has none, or what is wrong with it.
func parseEntry(line string, rules []string) (entry *Entry, reason string) {
	text, why, _ := strings.Cut(line, "#")
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, ""
	}
	if words[0] != "*" && !slices.Contains(rules, words[0]) {
		return nil, fmt.Sprintf("there is no rule %q", words[0])
	}
	e := &Entry{Suppression: analyze.Suppression{Rules: words[:1], Reason: strings.TrimSpace(why), Text: strings.Join(words, " ")}}
	for _, w := range words[1:] {
		key, pattern, ok := strings.Cut(w, "=")
		if !ok || !slices.Contains(keys(), key) {
			return nil, fmt.Sprintf("%q is none of %s=PATTERN", w, strings.Join(keys(), ", "))
		}
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return nil, fmt.Sprintf("%q is no pattern", pattern)
		}
		e.where = append(e.where, condition{key, pattern})
	}
	if words[0] == "*" && len(e.where) == 0 {
		return nil, "this would silence everything"
	}
	return e, ""
}

// silences reports whether every condition holds for f.
func (e *Entry) silences(f *analyze.Finding) bool {
	if e.Rules[0] != "*" && e.Rules[0] != f.Rule {
		return false
	}
	return !slices.ContainsFunc(e.where, func(c condition) bool { return !c.holds(f) })
}

func (c condition) holds(f *analyze.Finding) bool {
	switch c.key {
	case "file", "function":
		return c.ofFrame(f.At) || everyTask(f, func(t *analyze.Task) bool {
			return t.Site != nil && (c.ofFrame(t.Site.At) || c.ofFrame(&t.Site.Def))
		})
	case "task":
		return everyTask(f, func(t *analyze.Task) bool { return match(c.pattern, t.Name) })
	case "coro":
		return everyTask(f, func(t *analyze.Task) bool { return t.Site != nil && match(c.pattern, t.Site.Coro) }) ||
			slices.ContainsFunc(f.Subjects, func(s string) bool {
				name, isCoro := strings.CutPrefix(s, "coro:")
				return isCoro && match(c.pattern, name)
			})
	case "fingerprint":
		return match(c.pattern, f.Fingerprint)
	}
	return false
}

func (c condition) ofFrame(f *analyze.Frame) bool {
	if f == nil {
		return false
	}
	if c.key == "function" {
		return match(c.pattern, f.Function) || match(c.pattern, f.Qualname)
	}
	return matchFile(c.pattern, f.File)
}

// everyTask reports whether ok holds for all tasks of a finding that has some.
func everyTask(f *analyze.Finding, ok func(*analyze.Task) bool) bool {
	return len(f.Tasks) > 0 && !slices.ContainsFunc(f.Tasks, func(t *analyze.Task) bool { return !ok(t) })
}

// matchFile compares a pattern with as many of the last parts of a path as the pattern has.
func matchFile(pattern, file string) bool {
	if strings.HasPrefix(pattern, "/") {
		return match(pattern, file)
	}
	parts := strings.Split(file, "/")
	n := strings.Count(pattern, "/") + 1
	return n <= len(parts) && match(pattern, strings.Join(parts[len(parts)-n:], "/"))
}

func match(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
