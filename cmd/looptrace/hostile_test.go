package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// What a program may call its tasks, threads, functions and files: it clears the screen, sets the window's title, writes
// from right to left, holds bytes that are no UTF-8, and ends a script.
const hostile = `\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b31m\xff\xed\xa0\x80</script><script>`

var hostileFields = regexp.MustCompile(`(?m) (name|coro|thread_name|callback|object|class|type|exception|argv|cwd|function|runner|on)=([^ \n]+)`)

// TestHostileNames: in no verb and format do names, source lines and files of the program act on the terminal, whatever the
// findings are. The recorded traces have all kinds of them.
func TestHostileNames(t *testing.T) {
	files, err := filepath.Glob("../../testdata/traces/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "trace" {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
					t.Parallel()
					tryHostile(t, string(f.Data))
				})
			}
		}
	}
}

func tryHostile(t *testing.T, text string) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old.trace")
	if err := os.WriteFile(old, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, "/app/app.py", "/app/"+hostile+"/app.py")
	text = strings.NewReplacer("/app/pool.go", "/app/"+hostile+"/pool.go", "app.(*Pool)", "app.(*"+hostile+")").Replace(text) // frames of Go
	text = hostileFields.ReplaceAllString(text, " ${1}=${2}"+hostile)
	text = regexp.MustCompile(`(?m)^(=stack [0-9]+ [^-\n].*)$`).ReplaceAllString(text, "${1}"+hostile)
	trace := filepath.Join(dir, "hostile.trace")
	if err := os.WriteFile(trace, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{
		"report", "report --format json", "report --format jsonl", "report --format markdown", "report --format sarif", "report --format junit",
		"report --format github", "report --format gitlab", "report --format chrome", "report --format speedscope", "report --color always", "tasks", "tasks --at end", "tasks --at 75ns", "tree --all", "timeline --at 75ns --no-fold", "tasks --format csv", "tasks --format json",
		"tree --awaits", "timeline", "timeline --format json", "timeline --at end --all --color always", "tree --waits", "task 1", "why 1", "events",
		"diff --format text " + old, "diff --format markdown " + old, "diff --format=json --min-change=1 " + old, "report --update-baseline --baseline " + filepath.Join(dir, "base"),
	} {
		code, stdout, stderr := runLooptrace(t, ".", append(strings.Fields(verb), trace)...)
		if fields := strings.Fields(verb); len(fields) == 2 && fields[1] == "1" {
			code, stdout, stderr = runLooptrace(t, ".", fields[0], trace, "1")
		}
		if code > 2 || stdout == "" {
			t.Errorf("%s: status %d: %s", verb, code, stderr)
		}
		plain := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(stdout+stderr, "")
		if i := strings.IndexAny(plain, "\x1b\x07\u009b\u202e"); i >= 0 {
			t.Errorf("%s: acts on the terminal: %q", verb, plain[max(0, i-60):min(len(plain), i+60)])
		}
		if !strings.Contains(verb, "--color") && strings.Contains(stdout, "\x1b") {
			t.Errorf("%s: coloured", verb)
		}
		if (strings.HasSuffix(verb, "json") || strings.Contains(verb, "=json")) && !json.Valid(bytes.TrimSpace([]byte(stdout))) {
			t.Errorf("%s: no JSON", verb)
		}
	}
	base, err := os.ReadFile(filepath.Join(dir, "base"))
	if err != nil || !json.Valid(base) || bytes.ContainsAny(base, "\x1b\x07\u009b\u202e") {
		t.Errorf("the baseline acts on the terminal, or is none: %v %q", err, base)
	}
}
