package tracefile

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// escapeValue writes a value so that it holds no space, control character or byte of invalid UTF-8, does not begin with
// an @ and, for a list element, holds no comma; extra names further bytes to escape.
func escapeValue(b []byte, s, extra string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 || isUnprintable(r) {
				for _, x := range []byte(s[i : i+n]) {
					b = append(b, '\\', 'x', hexDigits[x>>4], hexDigits[x&15])
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
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
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

// unescapeValue undoes escapeValue. An escape that it does not know stays as it is.
func unescapeValue(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for ; i >= 0 && i+1 < len(s); i = strings.IndexByte(s, '\\') {
		b = append(b, s[:i]...)
		n := 2
		switch s[i+1] {
		case '\\':
			b = append(b, '\\')
		case 's':
			b = append(b, ' ')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'e': // the empty string, where nothing at all means something else
		case 'x':
			if v, ok := unhex(s[i+2:]); ok {
				b, n = append(b, v), 4
				break
			}
			fallthrough
		default:
			b = append(b, s[i:i+2]...)
		}
		s = s[i+n:]
	}
	return string(append(b, s...))
}

func unhex(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi := strings.IndexByte(hexDigits, s[0]|0x20)
	lo := strings.IndexByte(hexDigits, s[1]|0x20)
	if s[0] <= '9' {
		hi = strings.IndexByte(hexDigits, s[0])
	}
	if s[1] <= '9' {
		lo = strings.IndexByte(hexDigits, s[1])
	}
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// cutWord returns the text before the first space and what comes after the spaces.
func cutWord(s string) (word, rest string) {
	word, rest, _ = strings.Cut(s, " ")
	return word, strings.TrimLeft(rest, " ")
}
