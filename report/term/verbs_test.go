package term

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/tasklist"
)

// views are all the forms of text that this package makes of a result.
func views() map[string]func(w io.Writer, res *analyze.Result, o Options) error {
	return map[string]func(w io.Writer, res *analyze.Result, o Options) error{
		"report":  Render,
		"summary": func(w io.Writer, res *analyze.Result, o Options) error { return Summary(w, res, "it's.ltrace", o) },
		"tasks": func(w io.Writer, res *analyze.Result, o Options) error {
			list, err := tasklist.Select(res, tasklist.Query{})
			if err != nil {
				return err
			}
			return Tasks(w, res.Run, list, 10, o)
		},
		"tree": func(w io.Writer, res *analyze.Result, o Options) error {
			return Tree(w, res.Run, TreeOptions{Awaits: true}, o)
		},
		"loop": func(w io.Writer, res *analyze.Result, o Options) error {
			return Loop(w, res, res.Run.Loops[0], o)
		},
		"timeline": func(w io.Writer, res *analyze.Result, o Options) error {
			chart, err := gantt.Build(res, gantt.Query{MaxRows: 10})
			if err != nil {
				return err
			}
			return Timeline(w, res, chart, o)
		},
		"story": func(w io.Writer, res *analyze.Result, o Options) error {
			return Story(w, res, res.Run.Tasks[1], o)
		},
	}
}

func TestViews(t *testing.T) {
	for name, view := range views() {
		for _, c := range []struct {
			name string
			o    Options
		}{{"", Options{}}, {"_80", Options{Width: 80}}, {"_40", Options{Width: 40, ASCII: true, Color: true}}} {
			t.Run(name+c.name, func(t *testing.T) {
				var b bytes.Buffer
				if err := view(&b, closeInside(), c.o); err != nil {
					t.Fatal(err)
				}
				golden(t, "view_"+name+c.name+".txt", b.Bytes())
			})
		}
	}
}

// Nothing that a program chose acts on the terminal, in no view; and a name of 10,000 characters does not fill the screen.
func TestHostileNames(t *testing.T) {
	for name, view := range views() {
		for _, o := range []Options{{}, {Width: 40}, {Width: 80, ASCII: true}} {
			var b bytes.Buffer
			if err := view(&b, hostile(), o); err != nil {
				t.Fatal(err)
			}
			for _, r := range b.String() {
				if r != '\n' && !unicode.IsPrint(r) || o.ASCII && r > '~' {
					t.Errorf("%s with %+v writes %q", name, o, r)
				}
			}
			if b.Len() > 10_000 {
				t.Errorf("%s with %+v writes %d bytes", name, o, b.Len())
			}
		}
	}
}

// Colour adds sequences and nothing else.
func TestColorIsNeverAlone(t *testing.T) {
	for name, view := range views() {
		var plain, colored bytes.Buffer
		if err := errors.Join(view(&plain, closeInside(), Options{Width: 80}), view(&colored, closeInside(), Options{Width: 80, Color: true})); err != nil {
			t.Fatal(err)
		}
		stripped := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[1;31m", "", "\x1b[32m", "", "\x1b[1;33m", "", "\x1b[1;34m", "", "\x1b[1;36m", "").
			Replace(colored.String())
		squeeze := func(s string) string { return strings.ReplaceAll(s, " \n", "\n") }
		if squeeze(stripped) != plain.String() {
			t.Errorf("%s: colours change the words:\n%s\n%s", name, plain.String(), stripped)
		}
		if !strings.Contains(colored.String(), "\x1b[") {
			t.Errorf("%s has no colour", name)
		}
	}
}

// The same result gives the same bytes.
func TestDeterministic(t *testing.T) {
	for name, view := range views() {
		var first bytes.Buffer
		if err := view(&first, closeInside(), Options{Width: 80}); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			var again bytes.Buffer
			if err := view(&again, closeInside(), Options{Width: 80}); err != nil {
				t.Fatal(err)
			}
			if again.String() != first.String() {
				t.Fatalf("%s differs from run to run", name)
			}
		}
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

// A failed write is told.
func TestWriteError(t *testing.T) {
	for name, view := range views() {
		if err := view(full{}, closeInside(), Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTableKeepsTheWidth(t *testing.T) {
	var b bytes.Buffer
	p := &printer{w: &b, o: Options{Width: 50}}
	p.table([]column{{title: "ID", right: true}, {title: "under_score"}, {title: "Name", give: true, path: true}},
		[][]string{{"1", "  indented", strings.Repeat("名", 40)}, {"10", "b", "short"}})
	if p.err != nil {
		t.Fatal(p.err)
	}
	want := "ID  under_score  Name\n" +
		" 1    indented   " + strings.Repeat("名", 8) + "…" + strings.Repeat("名", 8) + "\n" +
		"10  b            short\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestExplain(t *testing.T) {
	var b bytes.Buffer
	info := analyze.RuleInfo{
		ID: "some-rule", Severity: analyze.Warning, Title: "what it reports", Since: "0.1",
		Doc:    "First words that are long enough to be filled.\n\n**Fix**: do *this*.\n\n```\ncode   stays\n```\n- an item that goes on\n  on the next line\n",
		Causes: []analyze.CauseInfo{{ID: "a-cause", Doc: "why\nit is"}},
	}
	if err := Explain(&b, info, Options{Width: 40}); err != nil {
		t.Fatal(err)
	}
	golden(t, "explain_40.txt", b.Bytes())
}

// TestExplainEmphasis guards the space behind the emphasised word that a paragraph begins with.
func TestExplainEmphasis(t *testing.T) {
	for _, width := range []int{0, 30, 80} {
		var b strings.Builder
		if err := Explain(&b, analyze.RuleInfo{ID: "x", Doc: "**Reported** for every close.\n\n**Fix**: none."}, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\nReported for every close.\n", "\nFix: none.\n"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("width %d: no %q in\n%s", width, want, b.String())
			}
		}
	}
}
