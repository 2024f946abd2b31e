// Package safejson makes JSON harmless for a terminal.
package safejson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Escape writes characters of a JSON text that could act on a terminal as \u escapes: controls and format characters, such
// as those that turn the direction of writing. They can only be inside strings, so the text means the same.
func Escape(data []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(data))
	for len(data) > 0 {
		plain := 0
		for plain < len(data) && (data[plain] == '\n' || data[plain] >= ' ' && data[plain] <= '~') {
			plain++
		}
		out.Write(data[:plain])
		if data = data[plain:]; len(data) == 0 {
			break
		}
		r, size := utf8.DecodeRune(data)
		if r == '\n' || unicode.IsPrint(r) {
			out.Write(data[:size])
		} else if r > 0xffff {
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		} else {
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		data = data[size:]
	}
	return out.Bytes()
}

// AppendString appends s to b as a JSON string that is harmless for a terminal, and inside of HTML.
func AppendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			if err != nil { // no string has that
				return append(b, `""`...)
			}
			return append(b, Escape(quoted)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
