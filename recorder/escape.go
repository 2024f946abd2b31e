package recorder

import (
	"encoding/json"
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendEscaped writes text as the value of a field of a fact: see package tracefile.
func appendEscaped(b []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && n == 1 || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 {
				for _, x := range []byte(text[i : i+n]) {
					b = append(b, '\\', 'x', hexDigits[x>>4], hexDigits[x&15])
				}
			} else {
				b = append(b, text[i:i+n]...)
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
		case c < ' ' || c == 0x7f || c == '@' || c == ',':
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// jsonList returns texts as a list of JSON. Bytes that are no UTF-8 become replacement characters.
func jsonList(texts []string) string {
	if texts == nil {
		texts = []string{}
	}
	b, err := json.Marshal(texts)
	if err != nil {
		return "[]"
	}
	return string(b)
}
