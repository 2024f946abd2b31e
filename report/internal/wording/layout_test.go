package wording

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestMiddle(t *testing.T) {
	cases := []struct {
		in      string
		columns int
		ascii   bool
		want    string
	}{
		{"consumer", 8, false, "consumer"},
		{"consumer-1", 7, false, "con…r-1"},
		{"consumer-1", 7, true, "co...-1"},
		{"日本語の名前", 7, false, "日…前"},
		{"anything", 0, false, "anything"},
	}
	for _, c := range cases {
		if got := Middle(c.in, c.columns, c.ascii); got != c.want {
			t.Errorf("middle(%q, %d): got %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	cases := []struct {
		in    string
		ascii bool
		want  string
	}{
		{"plain", false, "plain"},
		{"\x1b[2J", false, `\x1b[2J`},
		{"a\nb\tc\r", false, `a\nb\tc\r`},
		{"\u009b31m", false, `\u009b31m`},
		{"abc\u202ecba", false, `abc\u202ecba`},
		{"\u2028\ufeff\u200b", false, `\u2028\ufeff\u200b`},
		{"\xff\xfe", false, `\xff\xfe`},
		{"\ufffd", false, "\ufffd"},
		{"名前", false, "名前"},
		{"名", true, `\u540d`},
		{"👩\u200d💻", false, "👩\u200d💻"},
		{"a\u200db", false, `a\u200db`},
		{"😀", true, `\U0001f600`},
	}
	for _, c := range cases {
		if got := Clean(c.in, c.ascii); got != c.want {
			t.Errorf("clean(%q, %v): got %q, want %q", c.in, c.ascii, got, c.want)
		}
	}
}

// Whatever a program calls its tasks, what is written is printable, within the limit, and ASCII if that is asked for.
func TestNamesAreHarmless(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "name")
		ascii := rapid.Bool().Draw(t, "ascii")
		columns := rapid.IntRange(1, 50).Draw(t, "columns")
		got := Middle(Clean(raw, ascii), columns, ascii)
		if Width(got) > columns {
			t.Fatalf("%q takes %d columns of %d", got, Width(got), columns)
		}
		for _, r := range got {
			if ascii && r >= 0x80 || r < ' ' || r == 0x7f || !unicode.IsPrint(r) && r != zeroWidthJoiner && r != zeroWidthNonJoiner {
				t.Fatalf("%q holds %q", got, r)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := Clean(rapid.StringMatching(`([a-z(){}]{0,30} ?){0,20}`).Draw(t, "text"), false)
		columns := rapid.IntRange(5, 60).Draw(t, "columns")
		lines := Wrap(text, columns, 0)
		for _, l := range lines {
			if Width(l) > columns {
				t.Fatalf("%q takes %d columns of %d", l, Width(l), columns)
			}
		}
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := squeeze(strings.Join(lines, "")), squeeze(text); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

func TestSpan(t *testing.T) {
	cases := []struct{ text, want string }{
		{"loop.close()", "loop.close()"},
		{"if x: self.loops[0].close()  # done", "self.loops[0].close()"},
		{"asyncio.get_running_loop().close(); return", "asyncio.get_running_loop().close()"},
		{`log("close()"); loop.close(")")`, `loop.close(")")`},
		{"finally: close_all(loop)  # close()", "finally: close_all(loop)"},
		{"item = await queue.get()  # next", "await queue.get()"},
		{"asyncio.run(", "asyncio.run("},
		{"with runner:", "with runner:"},
	}
	for _, c := range cases {
		from, to := Span(c.text, []string{"close", "run"})
		if got := c.text[from:to]; got != c.want {
			t.Errorf("span(%q): got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0 s", 12: "12 ns", 1_500: "1.50 us", 51_200_000: "51.2 ms", 999_400_000: "999 ms", 1_503_000_000: "1.50 s",
		62_000_000_000: "1 min 02 s", 3_720_000_000_000: "1 h 02 min", -1_000_000: "-1.00 ms",
	} {
		if got := Duration(ns); got != want {
			t.Errorf("Duration(%d): got %q, want %q", ns, got, want)
		}
	}
}
