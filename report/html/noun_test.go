package html

import (
	"bytes"
	"testing"
)

// The rows of the timeline are called what they are.
func TestRowsAreCalled(t *testing.T) {
	for name, want := range map[string]string{"summed": "A row is a goroutine, ", "deadlock": "A row is a task, "} {
		var b bytes.Buffer
		if err := Render(&b, judged(t, traceText(t, name))); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b.Bytes(), []byte(want)) {
			t.Errorf("%s: %q is missing", name, want)
		}
	}
}
