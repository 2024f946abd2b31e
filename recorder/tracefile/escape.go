package tracefile

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// unescapeValue undoes escape.Append. An escape that it does not know stays as it is.
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
	hi := strings.IndexByte(escape.HexDigits, s[0]|0x20)
	lo := strings.IndexByte(escape.HexDigits, s[1]|0x20)
	if s[0] <= '9' {
		hi = strings.IndexByte(escape.HexDigits, s[0])
	}
	if s[1] <= '9' {
		lo = strings.IndexByte(escape.HexDigits, s[1])
	}
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

// cutWord returns the text before the first space and what comes after the spaces.
func cutWord(s string) (word, rest string) {
	word, rest, _ = strings.Cut(s, " ")
	return word, strings.TrimLeft(rest, " ")
}
