package sample

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// interpreters are those to test with: of the environment variable, else the one on the path.
func interpreters(t *testing.T) []string {
	t.Helper()
	if list := filepath.SplitList(os.Getenv("LOOPTRACE_PYTHONS")); len(list) > 0 {
		return list
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3")
	}
	return []string{path}
}

// tables prints the tables of lines of many functions, and the line of every instruction as Python has it.
const tables = `
import argparse, dis, json, sys, textwrap, types
minor = sys.version_info[1]
out = []
def visit(code):
    table = code.co_lnotab if minor < 10 else code.co_linetable
    lines = []
    if minor < 10:
        starts = dict(dis.findlinestarts(code))
        line = code.co_firstlineno
        for at in range(0, len(code.co_code), 2):
            line = starts.get(at, line)
            lines.append([at, line])
    else:
        for begin, end, line in code.co_lines():
            lines += [[at, line or 0] for at in range(begin, end, 2)]
    out.append([code.co_name, code.co_firstlineno, table.hex(), lines])
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            visit(c)
for module in (argparse, dis, textwrap):
    with open(module.__file__) as f:
        visit(compile(f.read(), module.__file__, "exec"))
print(json.dumps([minor, out]))
`

// The line of every instruction is the one that Python says.
func TestLinesArePythons(t *testing.T) {
	for _, python := range interpreters(t) {
		text, err := exec.Command(python, "-c", tables).Output()
		if err != nil {
			t.Fatalf("%s: %v", python, err)
		}
		var minor int
		var codes [][]json.RawMessage
		if err := json.Unmarshal(text, &[]any{&minor, &codes}); err != nil {
			t.Fatal(err)
		}
		checked := 0
		for _, c := range codes {
			var name, packed string
			var first int
			var want [][2]int
			for i, to := range []any{&name, &first, &packed, &want} {
				if err := json.Unmarshal(c[i], to); err != nil {
					t.Fatal(err)
				}
			}
			table, err := hex.DecodeString(packed)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range want {
				checked++
				if got := lineAt(minor, table, first, w[0]); got != w[1] {
					t.Fatalf("%s: %s: offset %d: line %d, want %d", python, name, w[0], got, w[1])
				}
			}
		}
		if checked < 1000 {
			t.Errorf("%s: only %d instructions", python, checked)
		}
	}
}

// FuzzLines: no table of lines panics or is read for ever.
func FuzzLines(f *testing.F) {
	f.Add([]byte{0x80, 0xf8, 3, 0xea, 0x7f, 0x7f, 0x7f}, 10)
	f.Add([]byte{0, 1, 2, 0x80}, 3)
	f.Fuzz(func(t *testing.T, table []byte, offset int) {
		for minor := 8; minor <= 14; minor++ {
			lineAt(minor, table, 1, offset)
		}
	})
}
