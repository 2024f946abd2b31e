// Package goldentest gives the tests of report formats results of recorded runs, and compares what they render with files. It
// is imported by tests only.
package goldentest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Root is the directory that the recorded programs are in.
const Root = "/app"

// markup is what a program may call things: it means something in Markdown, HTML, XML, workflow commands and URIs, and acts on
// a terminal. The text form of traces writes it so.
const markup = `]]>--><b\sx="'">&amp;|\s` + "`x`" + `\s[a](javascript\x3ab)\x20@all\s#1\x0a\x3a\x3aerror\x3a\x3ay\x0d%0A\x1b[2J\x00\xff\xe2\x80\xae`

// Traces returns the recorded traces of testdata/traces in text form, by name.
func Traces(t testing.TB) map[string]string {
	t.Helper()
	var files []string
	for dir := ".."; len(files) == 0; dir = filepath.Join("..", dir) {
		if abs, err := filepath.Abs(dir); err != nil || abs == filepath.Dir(abs) {
			t.Fatal("no traces", err)
		}
		files, _ = filepath.Glob(filepath.Join(dir, "testdata", "traces", "*.txtar"))
	}
	traces := map[string]string{}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "trace" {
				traces[strings.TrimSuffix(filepath.Base(file), ".txtar")] = string(f.Data)
			}
		}
	}
	return traces
}

// Hostile returns a trace in which names, files and source lines are markup.
func Hostile(trace string) string {
	trace = strings.ReplaceAll(trace, "/app/app.py", "/app/"+strings.ReplaceAll(markup, "\n", "")+"/app.py")
	fields := regexp.MustCompile(`(?m) (name|coro|thread_name|callback|object|class|type|exception|argv|cwd)=([^ \n]+)`)
	quoted := strings.ReplaceAll(markup, "$", "$$")
	trace = fields.ReplaceAllString(trace, " ${1}=${2}"+quoted)
	return regexp.MustCompile(`(?m)^(=stack [0-9]+ [^-\n].*)$`).ReplaceAllString(trace, "${1}"+quoted)
}

// Judge returns what the rules find in a trace, with its timeline.
func Judge(t *testing.T, trace string) *analyze.Result {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader(trace))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{Timeline: &analyze.TimelineOptions{}, Waited: true})
	if err != nil {
		t.Fatal(err)
	}
	return rule.Check(run, "v1.2.3")
}

// Each renders every recorded trace and its hostile variant.
func Each(t *testing.T, visit func(t *testing.T, res *analyze.Result)) {
	t.Helper()
	for name, trace := range Traces(t) {
		t.Run(name, func(t *testing.T) { visit(t, Judge(t, trace)) })
		t.Run("hostile_"+name, func(t *testing.T) { visit(t, Judge(t, Hostile(trace))) })
	}
}

// Goldens compares what render makes with files of testdata: of runs with several findings, one without a line to blame, one
// without findings, one whose names are hostile, and one of tests. The rules that found nothing are left out.
func Goldens(t *testing.T, extension string, render func(b *bytes.Buffer, res *analyze.Result) error) {
	t.Helper()
	traces := Traces(t)
	clean := Judge(t, traces["deadlock"])
	clean.Findings = []analyze.Finding{}
	for name, res := range map[string]*analyze.Result{
		"deadlock": Judge(t, traces["deadlock"]), "handlers": Judge(t, traces["handlers"]), "killed": Judge(t, traces["killed"]),
		"clean": clean, "hostile": Judge(t, Hostile(traces["deadlock"])), "tests": Judge(t, traces["tests"]), "goroutines": Judge(t, traces["goroutines"]),
	} {
		t.Run(name, func(t *testing.T) {
			res.Rules = slices.DeleteFunc(res.Rules, func(r analyze.RuleInfo) bool {
				return !slices.ContainsFunc(res.Findings, func(f analyze.Finding) bool { return f.Rule == r.ID })
			})
			for i := range res.Rules { // or every edit of a rule's text would be one of the goldens
				res.Rules[i].Doc = "What it means.\n\n**Reported** when.\n\n**Fix**: `this`."
				res.Rules[i].Causes = []analyze.CauseInfo{{ID: "some-cause", Doc: "Why."}}
			}
			var b bytes.Buffer
			if err := render(&b, res); err != nil {
				t.Fatal(err)
			}
			Compare(t, name+"."+extension, b.Bytes())
		})
	}
}

// Compare compares got with a file of testdata, or writes it with -update.
func Compare(t *testing.T, name string, got []byte) {
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
