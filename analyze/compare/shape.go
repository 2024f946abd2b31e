package compare

import (
	"regexp"
	"strings"
)

// bracketed are names and lists in a sentence: "2 tasks (Task-2 and Task-3)".
var bracketed = regexp.MustCompile(`\([^()]*\)`)

// numbered are words with a number in them, with the unit or noun that follows: times, counts, line numbers, process ids and
// names like Task-12.
var numbered = regexp.MustCompile(`\S*[0-9]\S*( (ns|us|ms|s|min|h)\b)*`)

// again is what a message says of a fault that was met several times.
var again = regexp.MustCompile(`; the same # (more )?times?\b`)

// shape returns a message without what is different in every run: two messages of one shape say the same.
func shape(message string) string {
	message = bracketed.ReplaceAllString(message, "()")
	message = numbered.ReplaceAllString(message, "#")
	message = again.ReplaceAllString(message, "")
	return strings.Join(strings.Fields(message), " ")
}
