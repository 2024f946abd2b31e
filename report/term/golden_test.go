package term

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/analyze"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
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
