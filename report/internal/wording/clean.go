package wording

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marksShown is how many combining marks one letter may carry: real ones carry few, and a pile of them runs over the lines
// above and below.
const marksShown = 4

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// Clean makes text of a recorded program harmless: control, format (bidi overrides included) and invalid characters are
// written as visible escapes, and in ASCII mode all others outside ASCII are too.
func Clean(s string, ascii bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	previous, marks := rune(0), 0
	for i, r := range s {
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		}
		switch {
		case marks > marksShown:
			b.WriteString(escape(r))
		case r == utf8.RuneError && invalidAt(s, i):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r < utf8.RuneSelf && unicode.IsPrint(r):
			b.WriteRune(r)
		case r >= utf8.RuneSelf && !ascii && shown(r, previous):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
		previous = r
	}
	return b.String()
}

// plain reports whether s is printable ASCII, which nearly everything is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// shown reports whether r may go to a terminal as it is. The joiners are invisible but parts of words and emoji, so they
// pass where they can join something.
func shown(r, previous rune) bool {
	if r == zeroWidthJoiner || r == zeroWidthNonJoiner {
		return previous >= utf8.RuneSelf && unicode.IsPrint(previous)
	}
	return unicode.IsPrint(r)
}

func invalidAt(s string, i int) bool {
	_, size := utf8.DecodeRuneInString(s[i:])
	return size == 1
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// CleanSource is clean for a source line, in which a tab is white space.
func CleanSource(s string, ascii bool) string {
	return Clean(strings.TrimSpace(strings.ReplaceAll(s, "\t", "    ")), ascii)
}

// CleanBlock is clean for text of several lines, whose line ends and tabs are kept as layout.
func CleanBlock(s string, ascii bool) []string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(Clean(strings.ReplaceAll(l, "\t", "    "), ascii), " ")
	}
	return lines
}
