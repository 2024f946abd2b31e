package term

import (
	"bytes"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	goldentest.Compare(t, name, got)
}

func TestRender(t *testing.T) {
	cases := []struct {
		name string
		res  *analyze.Result
		o    Options
	}{
		{"cancel_not_awaited.txt", cancelNotAwaited(), Options{}},
		{"cancel_not_awaited_40.txt", cancelNotAwaited(), Options{Width: 40, ASCII: true}},
		{"cancel_not_awaited_80.txt", cancelNotAwaited(), Options{Width: 80}},
		{"cancel_not_awaited_color.txt", cancelNotAwaited(), Options{Width: 80, Color: true}},
		{"close_inside_80.txt", closeInside(), Options{Width: 80}},
		{"close_inside_120.txt", closeInside(), Options{Width: 120}},
		{"handlers_left_80.txt", handlersLeft(), Options{Width: 80}},
		{"died_suddenly_80.txt", diedSuddenly(), Options{Width: 80}},
		{"hostile_80.txt", hostile(), Options{Width: 80}},
		{"clear.txt", faultless(), Options{Width: 80}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Render(&b, c.res, c.o); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, b.Bytes())
		})
	}
}

// A clean run is one line, however narrow the terminal.
func TestCleanIsOneLine(t *testing.T) {
	for _, o := range []Options{{}, {Width: 20}, {Width: 80, Color: true}} {
		var b bytes.Buffer
		if err := Render(&b, faultless(), o); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b.Bytes(), []byte("\n")); n != 1 {
			t.Errorf("with %+v: %d lines", o, n)
		}
	}
}
