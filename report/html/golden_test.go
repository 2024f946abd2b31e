package html

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/report/internal/goldentest"
)

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	goldentest.Compare(t, name, got)
}

// TestGolden pins the markup without its head, and what is said in words to the timeline. The columns are checked by
// TestColumnsTellTheRun: how they are compressed depends on the version of Go.
func TestGolden(t *testing.T) {
	for _, name := range []string{"shutdown", "deadlock", "tests", "hostile"} {
		t.Run(name, func(t *testing.T) {
			text := traceText(t, strings.Replace(name, "hostile", "refused", 1))
			if name == "hostile" {
				text = poisoned(text)
			}
			res := judged(t, text)
			m, _ := encode(res)
			var b bytes.Buffer
			if err := writePage(&b, res, m, ""); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".html", b.Bytes()[bytes.Index(b.Bytes(), []byte("<body>")):])
			words, err := m.write()
			if err != nil {
				t.Fatal(err)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, words, "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", append(indented.Bytes(), '\n'))
		})
	}
}

// The same result gives the same bytes.
func TestDeterministic(t *testing.T) {
	for _, name := range traceNames(t) {
		res := judged(t, traceText(t, name))
		first := rendered(t, res)
		for range 3 {
			if rendered(t, res) != first {
				t.Fatalf("%s differs from run to run", name)
			}
		}
	}
}
