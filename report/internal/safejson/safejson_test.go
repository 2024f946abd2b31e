package safejson

import (
	"encoding/json"
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
