package tracefile_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

// TestOpen: what a path is, is told by what is in it.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	spool := filepath.Join(dir, "spool.ltrace")
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	facts := "1 5 process_started pid=1 ppid=0\n"
	if err := os.WriteFile(filepath.Join(spool, "1-a.facts"), []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(dir, "packed.txt")
	if err := tracefile.Pack(spool, packed); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(packed); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	text := filepath.Join(dir, "text.ltrace")
	var b bytes.Buffer
	b.WriteString("# made by hand\n\n")
	writeText(t, &b, spool)
	if err := os.WriteFile(text, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var want []string
	for path, format := range map[string]tracefile.Format{spool: tracefile.FormatSpool, packed: tracefile.FormatPacked, text: tracefile.FormatText} {
		f, err := tracefile.Open(path)
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		got := lines(t, f)
		if want == nil {
			want = got
		}
		if f.Format != format || len(got) != 1 || got[0] != want[0] || f.Run().StartedNS != 5 {
			t.Errorf("%s: %s %q %+v", format, f.Format, got, f.Run())
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func writeText(t *testing.T, b *bytes.Buffer, path string) {
	t.Helper()
	f, err := tracefile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tracefile.WriteText(b, f); err != nil {
		t.Fatal(err)
	}
}

// TestOpenErrors: each has its own error, so that a hint can be given.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, path string
		want       error
	}{
		{"missing", filepath.Join(dir, "nothing"), fs.ErrNotExist},
		{"missing directory", filepath.Join(dir, "nothing", "x"), fs.ErrNotExist},
		{"empty", file("empty", ""), tracefile.ErrEmpty},
		{"text", file("app.py", "import asyncio\n"), tracefile.ErrNotTrace},
		{"zeros", file("zeros", strings.Repeat("\x00", 5000)), tracefile.ErrNotTrace},
		{"device", os.DevNull, tracefile.ErrNotTrace},
		{"newer text", file("newer", "looptrace 9\n"), tracefile.ErrNewerVersion},
		{"directory", filepath.Dir(file("code/app.py", "x")), tracefile.ErrNotSpool},
		{"facts", file("12-ab.facts", "1 2 process_started\n"), tracefile.ErrSpoolFile},
		{"slots", file("renamed", "LTSLOTS1aaaabbbb"), tracefile.ErrSpoolFile},
	} {
		f, err := tracefile.Open(c.path)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil {
			f.Close()
		} else if !strings.Contains(err.Error(), filepath.Base(c.path)) {
			t.Errorf("%s: the error does not name the file: %v", c.name, err)
		}
	}
	if os.Getuid() != 0 {
		path := file("secret", "x")
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := tracefile.Open(path); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("no permission: %v", err)
		}
	}
}

// TestTextErrors: a mistake in a hand-written trace is an error that says where.
func TestTextErrors(t *testing.T) {
	for line, want := range map[string]string{
		"0 task_spawnt task=1":         "unknown kind task_spawnt",
		"x task_spawned task=1":        "begins with its time",
		"0 task_spawned task":          "not key=value: task",
		"0 task_spawned task=one":      "task is not a number",
		"0 task_spawned at=app.py":     "frames are file:line:function",
		"0 loop_set stack=app.py:x:f":  "stack is neither an id nor frames",
		"=stack 1 app.py":              "frames are file:line:function",
		"=stack x app.py:1:f":          "=stack needs a number",
		"=stream":                      "=stream needs a number",
		"=stuck 1":                     "unknown directive =stuck",
		"0 live_task await=app.py:x:f": "frames are file:line:function",
	} {
		src, err := tracefile.ReadText(strings.NewReader("looptrace 1\n# comment\n0 loop_set\n" + line + "\n1 loop_set\n"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tracetest.Lines(src)
		if len(got) != 1 || !errors.Is(err, tracefile.ErrSyntax) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line 4: ") {
			t.Errorf("%s: %v after %d events", line, err, len(got))
		}
	}
}

// TestTornText: a text twin that was cut in a line loses that line.
func TestTornText(t *testing.T) {
	src, err := tracefile.ReadText(strings.NewReader("looptrace 1\n0 loop_set\n1 loop_set loop=1"))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(t, src); len(got) != 1 || !src.Health().Truncated {
		t.Errorf("%q %+v", got, src.Health())
	}
}
