package markdown

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/report/internal/wording"
)

// joiner is an invisible character that keeps apart what a service would make a reference of. It is written as an entity, so
// that it can be seen in the source.
const joiner = "&#8288;"

// prose returns text as it reads in a paragraph or a cell of a table: without markup, HTML, links and references. Services look
// for references ("@name", "#12", "!12", "~label") in the finished page, so a backslash does not keep them from it.
func prose(s string) string {
	s = strings.TrimSpace(wording.Clean(s, false))
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '&':
			b.WriteString("&amp;")
		case c == '|' || c == '\\': // a backslash before them means something else in a table
			fmt.Fprintf(&b, "&#%d;", c)
		case strings.IndexByte("`*_[]#~!${}^", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case i == 0 && strings.IndexByte("+-=", c) >= 0, (c == '.' || c == ')') && digits(s[:i]):
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		if refers(s, i) {
			b.WriteString(joiner)
		}
	}
	return b.String()
}

// refers reports whether the character at i and those behind it could begin a reference or a link.
func refers(s string, i int) bool {
	rest := s[i+1:]
	switch s[i] {
	case '@', '#', '!', '~', '%', '&', '$', '^':
		return rest != "" && (wording.WordByte(rest[0]) || rest[0] == '"' && (s[i] == '~' || s[i] == '%'))
	case ':':
		return strings.HasPrefix(rest, "//")
	case '-':
		return i >= 2 && strings.EqualFold(s[i-2:i], "GH") && rest != "" && rest[0] >= '0' && rest[0] <= '9'
	case 'w', 'W':
		return i >= 2 && strings.EqualFold(s[i-2:i+1], "www") && strings.HasPrefix(rest, ".")
	}
	return false
}

// digits reports whether s is a number, as one that begins a list is.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// code returns text as code within a line. All that could mean something is an entity: a code span of backticks cannot hold a
// bar within a table.
func code(s string) string {
	s = wording.Clean(s, false)
	var b strings.Builder
	b.WriteString("<code>")
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || plainByte(c) || c == '_' && i > 0 && plainByte(s[i-1]) && i+1 < len(s) && plainByte(s[i+1]) || strings.IndexByte(" -/.,:;='()", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "&#%d;", c)
		}
		if refers(s, i) {
			b.WriteString(joiner)
		}
	}
	b.WriteString("</code>")
	return b.String()
}

// plainByte reports whether a byte means nothing beside anything. An underscore does: it is plain between two that are, as
// emphasis neither begins nor ends within a word.
func plainByte(c byte) bool { return wording.WordByte(c) && c < 0x80 && c != '_' }

// fence returns lines as a block of code, between backticks that none of them can end.
func fence(language string, lines []string) string {
	longest := 0
	for _, l := range lines {
		run := 0
		for i := range len(l) {
			if l[i] != '`' {
				run = 0
				continue
			}
			run++
			longest = max(longest, run)
		}
	}
	ticks := strings.Repeat("`", max(3, longest+1))
	return ticks + language + "\n" + strings.Join(lines, "\n") + "\n" + ticks + "\n"
}

// row returns a row of a table.
func row(cells ...string) string {
	var b strings.Builder
	b.WriteString("|")
	for _, c := range cells {
		if c != "" {
			b.WriteString(" " + c)
		}
		b.WriteString(" |")
	}
	return b.String() + "\n"
}
