package markdown

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
	"github.com/looptrace/looptrace/report/internal/wording"
)

func render(t *testing.T, res *analyze.Result, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Outside of code blocks there is no HTML but what this package writes, rows have four cells, and all is closed again.
func TestPagesHold(t *testing.T) {
	tags := regexp.MustCompile(`</?(?:details(?: open)?|summary|b|code|br)>`)
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		depth, ticks := 0, ""
		for l := range strings.Lines(render(t, res, Options{Root: goldentest.Root})) {
			l = strings.TrimSuffix(l, "\n")
			if ticks != "" {
				if l == ticks {
					ticks = ""
				}
				continue
			}
			if strings.HasPrefix(l, "```") {
				ticks = strings.TrimRight(l, "abcdefghijklmnopqrstuvwxyz")
				continue
			}
			depth += strings.Count(l, "<details") - strings.Count(l, "</details>")
			if strings.Contains(tags.ReplaceAllString(l, ""), "<") {
				t.Errorf("HTML: %q", l)
			}
			if strings.HasPrefix(l, "|") && strings.Count(l, "|") != 5 {
				t.Errorf("a row of other columns: %q", l)
			}
		}
		if depth != 0 || ticks != "" {
			t.Error("left open")
		}
	})
}

// A page stays within its budget, ends at the end of a finding, and says what it leaves out.
func TestBudget(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	for i := range 1000 {
		res.Findings = append(res.Findings, res.Findings[i%3])
	}
	res.Findings[0].Message, res.Findings[1].Message = strings.Repeat("|", 5000), strings.Repeat("|e\u0301", 5000)
	for range 30 {
		res.Run.Health.Notes = append(res.Run.Health.Notes, res.Findings[0].Message)
	}
	for _, budget := range []int{0, 200_000, 50_000, 20_000, Least} {
		page := render(t, res, Options{Budget: budget})
		if budget == 0 {
			budget = Budget
		}
		if len(page) > budget || strings.Count(page, "<details") != strings.Count(page, "</details>") {
			t.Errorf("%d bytes of %d", len(page), budget)
		}
		told := strings.Count(page, "More: <code>")
		if !strings.Contains(page, fmt.Sprintf("The details of %d more findings are left out", len(res.Findings)-told)) {
			t.Errorf("of %d findings %d are told, and the rest is not counted", len(res.Findings), told)
		}
		rows := len(regexp.MustCompile(`(?m)^\| (error|warning) \|`).FindAllString(page, -1))
		if !strings.Contains(page, fmt.Sprintf("\n\n%d more findings.\n", len(res.Findings)-rows)) {
			t.Errorf("of %d findings %d are in the table, and the rest is not counted", len(res.Findings), rows)
		}
	}
}

func TestLinks(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	page := render(t, res, Options{Root: goldentest.Root, Links: "https://github.com/o/r/blob/abc/"})
	if !strings.Contains(page, "[<code>app.py:8</code>](https://github.com/o/r/blob/abc/app.py#L8)") {
		t.Error(page[:800])
	}
	if page = render(t, res, Options{Root: "/elsewhere/x"}); !strings.Contains(page, "(app.py#L8)") { // from where it ran
		t.Error(page[:800])
	}
}

var texts = rapid.StringOf(rapid.SampledFrom([]rune("`*_[]()<>#~!|\\@&;:/.wW1a-+= \n\x1b\u202eé")))

// Prose holds no character that begins markup or HTML, and on the page, where services look for them, no reference; it reads as
// it was.
func TestProse(t *testing.T) {
	entity := regexp.MustCompile(`&(#\d+|lt|gt|amp);`)
	escape := regexp.MustCompile(`\\([[:punct:]])`)
	reference := regexp.MustCompile(`[@#!~%&$^]\w|://|(?i:www)\.`)
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "s")
		p := prose(s)
		if bare := escape.ReplaceAllString(entity.ReplaceAllString(p, ""), ""); strings.ContainsAny(bare, "`*_[]{}<>&|\\#!~$") {
			t.Fatalf("%q: %q", s, p)
		}
		read := html.UnescapeString(escape.ReplaceAllString(p, "$1"))
		if reference.MatchString(read) {
			t.Fatalf("%q reads %q: a reference", p, read)
		}
		if got, want := strings.ReplaceAll(read, "\u2060", ""), strings.TrimSpace(wording.Clean(s, false)); got != want {
			t.Fatalf("%q reads %q, want %q", p, got, want)
		}
	})
}

// Code holds no character that means something in Markdown, and reads as it was.
func TestCode(t *testing.T) {
	beside := regexp.MustCompile(`(^|[^0-9A-Za-z])_|_($|[^0-9A-Za-z])`) // where an underscore can begin or end emphasis
	for in, want := range map[string]string{
		"worker_loop": "worker_loop", "__aexit__": "&#95;&#95;aexit&#95;&#95;", "____": "&#95;&#95;&#95;&#95;", "é_1": "é&#95;1",
	} {
		if got := code(in); got != "<code>"+want+"</code>" {
			t.Errorf("%q is %s", in, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "s")
		c := strings.TrimSuffix(strings.TrimPrefix(code(s), "<code>"), "</code>")
		plain := regexp.MustCompile(`&#\d+;`).ReplaceAllString(c, "")
		if strings.ContainsAny(plain, "`*[]<>&|\\@#!") || beside.MatchString(c) || strings.Contains(c, "://") {
			t.Fatalf("%q: %q", s, c)
		}
		if read := html.UnescapeString(strings.ReplaceAll(c, joiner, "")); read != wording.Clean(s, false) {
			t.Fatalf("%q reads %q", s, read)
		}
	})
}

// Nothing within a block ends it.
func TestFence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom([]rune("`~ x"))), 1, 5).Draw(t, "lines")
		block := fence("text", lines)
		first, rest, _ := strings.Cut(block, "\n")
		ticks := strings.TrimSuffix(first, "text")
		if len(ticks) < 3 || strings.Count(rest, ticks) != 1 || !strings.HasSuffix(rest, "\n"+ticks+"\n") {
			t.Fatalf("%q", block)
		}
	})
}
