package html

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/rogpeppe/go-internal/txtar"
)

// traceNames returns the recorded traces.
func traceNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/traces/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".txtar"))
	}
	return names
}

// traceText returns a recorded trace in its text form.
func traceText(t *testing.T, name string) string {
	t.Helper()
	ar, err := txtar.ParseFile("../../testdata/traces/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		if f.Name == "trace" {
			return string(f.Data)
		}
	}
	t.Fatalf("%s holds no trace", name)
	return ""
}

// judged returns what the rules make of a trace.
func judged(t *testing.T, text string) *analyze.Result {
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

func rendered(t *testing.T, res *analyze.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// evil is what a program may call its things: it ends a script, a comment, a CDATA section and an attribute, loads a picture,
// and writes from right to left. The text form of a trace spells it so.
const evil = `]]></script><script>alert(1)</script>--!><img\ssrc=x\sonerror='alert(1)'>"&lt;\xe2\x80\xae\x1b[2J`

var evilFields = regexp.MustCompile(`(?m) (name|coro|thread_name|callback|object|class|type|exception|argv|cwd)=([^ \n]+)`)

// poisoned puts evil behind every name, file and source line of a trace.
func poisoned(text string) string {
	text = strings.ReplaceAll(text, "/app/app.py", "/app/"+evil+"/app.py")
	text = evilFields.ReplaceAllString(text, " ${1}=${2}"+evil)
	return regexp.MustCompile(`(?m)^(=stack [0-9]+ [^-\n].*)$`).ReplaceAllString(text, "${1}"+evil)
}
