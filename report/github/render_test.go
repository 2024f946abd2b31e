package github

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

// runnerCommand is what the runner of GitHub Actions takes for a command: it goes up to the first "::" behind the properties.
var runnerCommand = regexp.MustCompile(`^::(error|warning|notice) ((?:file=[^:,]+,line=\d+,endLine=\d+,)?title=[^:,]+)::(.+)$`)

func render(t *testing.T, res *analyze.Result) []string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res, goldentest.Root); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

func TestLinesAreCommands(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		lines := render(t, res)
		for i, l := range lines {
			first := i == 0
			if runnerCommand.MatchString(l) == first || strings.Contains(l, "\r") || first && (!strings.HasPrefix(l, "looptrace: ") || strings.Contains(l, "##[")) {
				t.Errorf("%q", l)
			}
		}
		if len(lines) != len(res.Findings)+1 {
			t.Errorf("%d lines for %d findings", len(lines), len(res.Findings))
		}
	})
}

// GitHub drops what exceeds ten of a kind without a word.
func TestCaps(t *testing.T) {
	res := &analyze.Result{Run: &analyze.Run{}}
	for range 12 {
		for _, s := range []analyze.Severity{analyze.Error, analyze.Warning, analyze.Note} {
			res.Findings = append(res.Findings, analyze.Finding{Rule: "deadlock", Severity: s, Message: "m"})
		}
	}
	count := map[string]int{}
	var last string
	for _, l := range render(t, res) {
		if m := runnerCommand.FindStringSubmatch(l); m != nil {
			count[m[1]]++
			last = l
		}
	}
	if count["error"] != Shown || count["warning"] != Shown || count["notice"] != Shown {
		t.Error(count)
	}
	if !strings.HasPrefix(last, "::notice title=looptrace::12 errors, 12 warnings, 12 notes; ") {
		t.Error(last)
	}
}

// What is escaped is one line, ends nothing, and reads the same again.
func TestEscape(t *testing.T) {
	undo := func(s string) string {
		for _, e := range [][2]string{{"%2C", ","}, {"%3A", ":"}, {"%0A", "\n"}, {"%0D", "\r"}, {"%25", "%"}} {
			s = strings.ReplaceAll(s, e[0], e[1])
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("%0AD2C3:,\r\n x"))).Draw(t, "s")
		if p := property(s); strings.ContainsAny(p, "\r\n:,") || undo(p) != s {
			t.Fatalf("property %q: %q", s, p)
		}
		if d := data(s); strings.ContainsAny(d, "\r\n") || undo(strings.NewReplacer(":", "%3A", ",", "%2C").Replace(d)) != s {
			t.Fatalf("data %q: %q", s, d)
		}
	})
}
