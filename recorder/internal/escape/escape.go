// Package escape writes values into the lines of a trace. The recorder that programs import and the trace format share it:
// what one writes the other reads. It imports the standard library only, and little of that.
package escape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// HexDigits are the digits of an escaped byte.
const HexDigits = "0123456789abcdef"

// Append writes a value behind b so that it holds no space, control character or byte of invalid UTF-8, and does not begin
// with an @; extra names further bytes to escape, such as the comma of a list. The escapes are those of package tracefile.
func Append(b []byte, s, extra string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || isUnprintable(r) {
				for _, x := range []byte(s[i : i+n]) {
					b = append(b, '\\', 'x', HexDigits[x>>4], HexDigits[x&15])
				}
			} else {
				b = append(b, s[i:i+n]...)
			}
			i += n
			continue
		}
		switch {
		case c == '\\':
			b = append(b, '\\', '\\')
		case c == ' ':
			b = append(b, '\\', 's')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ' || c == 0x7f || c == '@' && i == 0 || strings.IndexByte(extra, c) >= 0:
			b = append(b, '\\', 'x', HexDigits[c>>4], HexDigits[c&15])
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// isUnprintable reports runes that would break a line or a terminal: C1 controls, the line separators, and invisible
// format characters such as those that turn the direction of writing.
func isUnprintable(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Cf, r)
}
