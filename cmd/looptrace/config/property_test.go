package config

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What Init writes sets nothing; with the marks taken away it sets every key that may be set, to its default.
func TestInitExplainsEveryKey(t *testing.T) {
	text := Init(keys())
	if file, err := Parse("looptrace.toml", []byte(text), keys()); err != nil || len(file.Values) != 0 {
		t.Errorf("%v, %v", file, err)
	}
	var b strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if len(line) > 1 && line[0] == '#' && line[1] != ' ' {
			line = line[1:]
		}
		b.WriteString(line + "\n")
	}
	file, err := Parse("looptrace.toml", []byte(b.String()), keys())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys() {
		v := file.Lookup(k.Table, k.Name)
		switch repeated := k.Table == "run" && k.Name == "fail-on"; {
		case k.Refused != "" || repeated:
			if v != nil {
				t.Errorf("%s.%s is set", k.Table, k.Name)
			}
		case v == nil || strings.Join(v.Text, ",") != strings.Join(k.Default, ","):
			t.Errorf("%s.%s: %v, want %v", k.Table, k.Name, v, k.Default)
		}
	}
}

// What Literal writes is read as it was.
func TestLiteralIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.String().Filter(utf8.ValidString)).Draw(t, "list")
		file, err := Parse("looptrace.toml", []byte("run.report = "+Literal(List, list)), keys())
		if err != nil {
			t.Fatal(err)
		}
		got := file.Lookup("run", "report").Text
		if diff := cmp.Diff(append([]string{}, list...), append([]string{}, got...)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Whatever a file holds, it is read or refused with the places of its problems; what is read is what Literal writes of it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "color = \"x\"\n[run]\nreport = ['a', \"b\"]", "run = {quiet = true}", "fail_on = 1", "[run", "\ufeffwidth = -1_000", "a.b.c = [[1], {}]", "\"\" = 1\n'' = 2",
		"[[run]]\n[[run]]", "[run.report.x]", "[report]\r\nreport = [\r\n]", "x = \"\"\"\n\n\"\"\" 3",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte("[tool.looptrace]\n"+seed), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, project bool) {
		path := "looptrace.toml"
		if project {
			path = pyproject
		}
		file, err := Parse(path, data, keys())
		var wrong *Error
		switch {
		case errors.As(err, &wrong):
			for i, p := range wrong.Problems {
				if p.Pos.Line < 1 || p.Pos.Col < 1 || p.Message == "" || strings.Contains(wrong.Title(i), "\n") {
					t.Errorf("%q: %+v", data, p)
				}
			}
		case err == nil:
			for _, v := range file.Values {
				if v.Pos.Line < 1 || v.Pos.Line > strings.Count(string(data), "\n")+1 {
					t.Errorf("%q: %+v", data, v)
				}
			}
		}
	})
}
