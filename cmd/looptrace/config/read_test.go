package config

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file")

// keys are settings as a command line could have them; like looptrace's, one has the name of a table.
func keys() []Key {
	return []Key{
		{Name: "color", Kind: String, Usage: "colour the output", Default: []string{"auto"}},
		{Name: "width", Kind: Int, Usage: "columns", Default: []string{"0"}},
		{Name: "ascii", Kind: Bool, Usage: "ASCII only", Default: []string{"false"}},
		{Name: "pids", Kind: Ints},
		{Name: "ratio", Kind: Float, Default: []string{"1.5"}},
		{Name: "fail-on", Kind: String, Default: []string{"none"}},
		{Table: "run", Name: "fail-on", Kind: String, Default: []string{"none"}},
		{Table: "run", Name: "quiet", Kind: Bool, Default: []string{"false"}},
		{Table: "run", Name: "force", Kind: Bool, Refused: "it is dangerous"},
		{Table: "run", Name: "report", Kind: List, Usage: "write a report"},
		{Table: "report", Name: "report", Kind: List},
	}
}

func TestParse(t *testing.T) {
	file, err := Parse("looptrace.toml", []byte(`
color = 'never'
width = 0x50
pids = [1, 2_000]
ratio = 2.50
run.quiet = true
run.report = "c"
[report]
report = [ # several
  "json=a", """b""",
]
`), keys())
	if err != nil {
		t.Fatal(err)
	}
	want := []Value{
		{Name: "color", Text: []string{"never"}, Pos: Position{2, 1, 5}},
		{Name: "pids", Text: []string{"1", "2000"}, Pos: Position{4, 1, 4}},
		{Name: "ratio", Text: []string{"2.5"}, Pos: Position{5, 1, 5}},
		{Name: "width", Text: []string{"80"}, Pos: Position{3, 1, 5}},
		{Table: "report", Name: "report", Text: []string{"json=a", "b"}, Pos: Position{9, 1, 6}},
		{Table: "run", Name: "quiet", Text: []string{"true"}, Pos: Position{6, 5, 5}},
		{Table: "run", Name: "report", Text: []string{"c"}, Pos: Position{7, 5, 6}},
	}
	if diff := cmp.Diff(want, file.Values); diff != "" {
		t.Error(diff)
	}
	if v := file.Lookup("run", "quiet"); v == nil || v.Text[0] != "true" {
		t.Errorf("Lookup: %v", v)
	}
	if file.Lookup("", "quiet") != nil || (*File)(nil).Lookup("", "color") != nil {
		t.Error("Lookup finds what is not there")
	}
}

func TestParsePyproject(t *testing.T) {
	text := "[tool.other]\nx = 1\n[tool.looptrace]\nwidth = 1\n[tool.looptrace.run]\nquiet = true\nreports = []\n"
	_, err := Parse("a/pyproject.toml", []byte(text), keys())
	if want := "a/pyproject.toml:7:1: unknown key \"reports\" in [tool.looptrace.run]"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	file, err := Parse("pyproject.toml", []byte(strings.Replace(text, "reports", "report", 1)), keys())
	if err != nil || len(file.Values) != 3 {
		t.Errorf("%v, %v", file, err)
	}
	for _, text := range []string{"", "[tool.black]\n", "tool = 3", "tool.looptrace = 3"} {
		if _, err := Parse("pyproject.toml", []byte(text), keys()); !errors.Is(err, ErrNoTable) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Each problem is told with its place and, where it can be known, with what to write instead.
func TestProblems(t *testing.T) {
	const path = "testdata/problems.txt"
	var b strings.Builder
	for _, text := range []string{
		"fail_on = \"x\"", "Color = 1", "widht = 1", "zzz = 1", "ascii = \"true\"", "width = \"80\"", "width = 1.5", "color = 3",
		"color = true", "color = 2026-01-01", "color = []", "[run]\nreport = 1", "[run]\nreport = [\"a\", 3]",
		"color = [1.5, 2]", "pids = [1, \"a\"]", "pids = [\"a\"]", "pids = 3", "ratio = \"2\"", "ratio = nan", "ratio = []", "quiet = true", "[run]\ncolor = \"x\"", "report = [\"html\"]", "[run]\nforce = true", "[rum]\nquiet = true", "[[run]]\nquiet = true",
		"[run.fail-on]\nx = 1", "run = 3", "\"a\\u0007b\" = 1", "\tcolor\t=\tfalse", "x = \"日本\" # 語\n", "color = \"é\" #\ncolor = 1", "[run", "color = \"x", "color = x",
		"width = 99999999999999999999", "color = \"a\x01\"", "color = \"\xff\"", "width = 1\nwidth = 2", "run = { quiet = 3, report = [] }",
		"a." + strings.Repeat("b", 200) + " = 1", "fail_on = 1\n[run]\nquiet = 1\n",
	} {
		_, err := Parse("looptrace.toml", []byte(text), keys())
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for i, p := range wrong.Problems {
			fmt.Fprintf(&b, "%s\n", wrong.Title(i))
			for _, line := range p.Excerpt {
				fmt.Fprintf(&b, "    %s\n", line)
			}
			if p.Hint != "" {
				fmt.Fprintf(&b, "    hint: %s\n", p.Hint)
			}
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"baseline", "color", "fail-on", "junit-family", "report", "width"}
	for wrong, want := range map[string]string{
		"colour": "color", "fail_on": "fail-on", "FAIL-ON": "fail-on", "failon": "fail-on", "reprot": "report", "reports": "report",
		"junit": "junit-family", "with": "width", "x": "", "": "", "verbose": "",
	} {
		if got := nearest(wrong, names); got != want {
			t.Errorf("%q: %q, want %q", wrong, got, want)
		}
	}
}
