package html

import "testing"

// The bundle can stand in a script element.
func TestScriptFits(t *testing.T) {
	if _, err := appScript(); err != nil {
		t.Error(err)
	}
	for bad, want := range map[string]bool{`a = "</script>"`: false, `a = "</SCRIPT x"`: false, "x <!-- y": false, `a = "<\/script>"`: true} {
		if _, err := fit(bad); (err == nil) != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
