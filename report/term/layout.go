package term

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// runesPerColumn bounds how much text a column may hold: combining characters have no width, so a limit in columns alone
// would let a name of ten thousand of them through.
const runesPerColumn = 4

// width returns the number of columns that clean text takes.
func width(s string) int { return displaywidth.String(s) }

// ellipsis is what stands for text left out.
func ellipsis(ascii bool) string {
	if ascii {
		return "..."
	}
	return "…"
}

func fits(s string, columns int) bool {
	if len(s) <= columns {
		return true
	}
	return width(s) <= columns && utf8.RuneCountInString(s) <= columns*runesPerColumn
}

// middle shortens clean text to a number of columns by leaving out its middle: both ends of names and paths tell more.
// 0 columns or less: unlimited.
func middle(s string, columns int, ascii bool) string {
	if columns <= 0 || fits(s, columns) {
		return s
	}
	dots := ellipsis(ascii)
	room := columns - width(dots)
	if room < 2 {
		return head(s, columns)
	}
	return head(s, (room+1)/2) + dots + tail(s, room/2)
}

// end shortens clean text to a number of columns by leaving out its end. 0 columns or less: unlimited.
func end(s string, columns int, ascii bool) string {
	if columns <= 0 || fits(s, columns) {
		return s
	}
	dots := ellipsis(ascii)
	if room := columns - width(dots); room > 0 {
		return head(s, room) + dots
	}
	return head(s, columns)
}

// head returns as much of the beginning of s as fits.
func head(s string, columns int) string {
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

// tail returns as much of the end of s as fits.
func tail(s string, columns int) string {
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

// wrap breaks clean text at blanks, and words that are longer than a line anywhere, into lines of at most the given
// columns. The first line is first columns shorter. 0 columns or less: one line.
func wrap(s string, columns, first int) []string {
	if columns <= 0 || first+width(s) <= columns {
		return []string{s}
	}
	var lines []string
	line, used := "", first
	for _, word := range strings.Fields(s) {
		w := width(word)
		if line != "" && used+1+w > columns {
			lines = append(lines, line)
			line, used = "", 0
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		for w > columns {
			part := head(word, max(columns-used, 2))
			lines = append(lines, line+part)
			line, used, word = "", 0, word[len(part):]
			w = width(word)
		}
		line, used = line+word, used+w
	}
	return append(lines, line)
}

// pad appends blanks up to a number of columns.
func pad(s string, columns int) string {
	if n := columns - width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
