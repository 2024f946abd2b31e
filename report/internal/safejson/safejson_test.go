package safejson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// Whatever a string holds, its escaped JSON is printable and decodes to the same as before.
func TestEscape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text") + rapid.SampledFrom([]string{"", "\u202e", "\u009b31m", "\U000e0041", "\u2028"}).Draw(t, "suffix")
		data, err := json.Marshal(map[string]string{"name": text})
		if err != nil {
			t.Fatal(err)
		}
		escaped := Escape(data)
		for _, r := range string(escaped) {
			if !unicode.IsPrint(r) && r != '\n' {
				t.Fatalf("%q holds %q", escaped, r)
			}
		}
		var before, after map[string]string
		if json.Unmarshal(data, &before) != nil || json.Unmarshal(escaped, &after) != nil || before["name"] != after["name"] {
			t.Fatalf("%q became %q", before, after)
		}
	})
}

// A text that comes in pieces is written as one that comes at once.
func TestWriterInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{`"a"`, "é", "\u202e", "\U000e0001", "🚀", "\x1b", "\xff", "\xe2\x80", "\n"})).Draw(t, "text"), ""))
		if rapid.Bool().Draw(t, "long") {
			text = append(bytes.Repeat([]byte("x\u202e"), pieceBytes/3), text...)
		}
		want := Escape(text)
		var got bytes.Buffer
		w := NewWriter(&got)
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if wrote, err := w.Write(rest[:n]); wrote != n || err != nil {
				t.Fatal(wrote, err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("%q, want %q", got.Bytes(), want)
		}
	})
}
