// Package reporttest holds what the tests of report formats share: the results of recorded traces, as they are and with
// hostile names, and golden files.
package reporttest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Hostile is what programs may call their tasks, files and functions, as the text form of a trace writes it: it acts on a
// terminal, writes from right to left, ends a script, a string and a line, and is no UTF-8.
const Hostile = `\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b31m\xff\xed\xa0\x80</script><script>"\n\x00`

// Acting are the characters of Hostile that no report may hold.
const Acting = "\x1b\x07\u009b\u202e\x00"

// Options of a flag are shared by the packages that import this one.
func updating() bool {
	f := flag.Lookup("update")
	return f != nil && f.Value.String() == "true"
}

// Flag defines -update, which rewrites golden files. A test package calls it once, from a variable.
func Flag() *bool { return flag.Bool("update", false, "rewrite the golden files") }

// Names returns the names of the recorded traces.
func Names(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(traces(t), "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".txtar")
	}
	return files
}

// traces returns the directory of the recorded traces.
func traces(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if found := filepath.Join(dir, "testdata", "traces"); isDir(found) {
			return found
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no testdata/traces above here", err)
	return ""
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Result returns the judged run of a recorded trace, with its timeline.
func Result(t testing.TB, name string, hostile bool) *analyze.Result {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join(traces(t), name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == "trace" {
			text := string(f.Data)
			if hostile {
				text = damage(text)
			}
			return judge(t, text)
		}
	}
	t.Fatal(name, "has no trace")
	return nil
}

func damage(text string) string {
	text = strings.ReplaceAll(text, "/app/app.py", "/app/"+Hostile+"/app.py")
	text = regexp.MustCompile(`(?m) (name|coro|thread_name|callback|object|class|type|exception|api)=([^ \n]+)`).ReplaceAllString(text, " ${1}=${2}"+Hostile)
	return regexp.MustCompile(`(?m)^(=stack [0-9]+ [^-\n].*)$`).ReplaceAllString(text, "${1}"+Hostile)
}

func judge(t testing.TB, text string) *analyze.Result {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	return rule.Check(run, "test")
}

// Golden compares got with a file of the package's testdata.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if updating() {
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
	if !bytes.Equal(want, got) {
		t.Errorf("%s (-want +got):\n%s", path, cmp.Diff(string(want), string(got)))
	}
}
