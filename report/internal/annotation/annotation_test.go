package annotation

import (
	"strings"
	"testing"
	"unicode"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

// Every annotation says what, and what to change, on lines of their own, without anything that acts.
func TestLinesAreWhole(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		for i := range res.Findings {
			f := &res.Findings[i]
			lines := Lines(res, f)
			if f.Fix.Summary != "" && !strings.HasPrefix(lines[len(lines)-1], "Fix: ") {
				t.Errorf("%s: no fix: %q", f.Rule, lines)
			}
			if title := Title(res, f); !strings.HasPrefix(title, f.Rule+": ") {
				t.Errorf("title %q", title)
			}
			for _, l := range lines {
				if strings.ContainsFunc(l, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%s: %q", f.Rule, l)
				}
			}
		}
	})
}

func TestText(t *testing.T) {
	lines := []string{"one", "two", "three"}
	for limit, want := range map[int]string{100: "one\ntwo\nthree", 13: "one\ntwo\nthree", 12: "one\ntwo\n…", 5: "one\n…"} {
		if got := Text(lines, limit); got != want {
			t.Errorf("%d: %q, want %q", limit, got, want)
		}
	}
	if got := Text([]string{strings.Repeat("x", 1000)}, 400); len(got) > 410 || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}

func TestTests(t *testing.T) {
	f := &analyze.Finding{}
	if got := Tests(f); got != "" {
		t.Error(got)
	}
	for _, name := range []string{"a", "b\x1b", "c", "d", "e"} {
		f.Tests = append(f.Tests, &analyze.Test{Name: name})
	}
	if got, want := Tests(f), `In the tests a, b\x1b, c, 2 more`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
