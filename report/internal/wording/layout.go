package wording

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// runesPerColumn bounds how much text a column may hold: combining characters have no width, so a limit in columns alone
// would let a name of ten thousand of them through.
const runesPerColumn = 4

// Width returns the number of columns that clean text takes.
func Width(s string) int { return displaywidth.String(s) }

// Ellipsis is what stands for text left out.
func Ellipsis(ascii bool) string {
	if ascii {
		return "..."
	}
	return "…"
}

func Fits(s string, columns int) bool {
	if len(s) <= columns {
		return true
	}
	return Width(s) <= columns && utf8.RuneCountInString(s) <= columns*runesPerColumn
}

// Middle shortens clean text to a number of columns by leaving out its middle: both ends of names and paths tell more.
// 0 columns or less: unlimited.
func Middle(s string, columns int, ascii bool) string {
	if columns <= 0 || Fits(s, columns) {
		return s
	}
	dots := Ellipsis(ascii)
	room := columns - Width(dots)
	if room < 2 {
		return Head(s, columns)
	}
	return Head(s, (room+1)/2) + dots + Tail(s, room/2)
}

// End shortens clean text to a number of columns by leaving out its end. 0 columns or less: unlimited.
func End(s string, columns int, ascii bool) string {
	if columns <= 0 || Fits(s, columns) {
		return s
	}
	dots := Ellipsis(ascii)
	if room := columns - Width(dots); room > 0 {
		return Head(s, room) + dots
	}
	return Head(s, columns)
}

// Head returns as much of the beginning of s as fits.
func Head(s string, columns int) string {
	if len(s) > columns && columns >= 0 && plain(s[:columns+1]) {
		return s[:columns]
	}
	used, runes, cut := 0, 0, 0
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		used += g.Width()
		runes += utf8.RuneCountInString(g.Value())
		if used > columns || runes > columns*runesPerColumn {
			break
		}
		cut += len(g.Value())
	}
	return s[:cut]
}

// Tail returns as much of the end of s as fits.
func Tail(s string, columns int) string {
	if at := len(s) - columns - 1; at >= 0 && plain(s[at:]) {
		return s[at+1:]
	}
	type piece struct{ bytes, columns, runes int }
	var pieces []piece
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		pieces = append(pieces, piece{len(g.Value()), g.Width(), utf8.RuneCountInString(g.Value())})
	}
	cut, used, runes := len(s), 0, 0
	for i := len(pieces) - 1; i >= 0; i-- {
		used += pieces[i].columns
		runes += pieces[i].runes
		if used > columns || runes > columns*runesPerColumn {
			break
		}
		cut -= pieces[i].bytes
	}
	return s[cut:]
}

// Wrap breaks clean text at blanks, and words that are longer than a line anywhere, into lines of at most the given
// columns. The first line is first columns shorter. 0 columns or less: one line.
func Wrap(s string, columns, first int) []string {
	if columns <= 0 || first+Width(s) <= columns {
		return []string{s}
	}
	var lines []string
	line, used := "", first
	for _, word := range strings.Fields(s) {
		w := Width(word)
		if line != "" && used+1+w > columns {
			lines = append(lines, line)
			line, used = "", 0
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		for w > columns {
			part := Head(word, max(columns-used, 2))
			lines = append(lines, line+part)
			line, used, word = "", 0, word[len(part):]
			w = Width(word)
		}
		line, used = line+word, used+w
	}
	return append(lines, line)
}

// Pad appends blanks up to a number of columns.
func Pad(s string, columns int) string {
	if n := columns - Width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
