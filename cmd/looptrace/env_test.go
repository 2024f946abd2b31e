package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestOptions(t *testing.T) {
	cases := []struct {
		name  string
		env   environment
		vars  map[string]string
		width int
		color bool
		ascii bool
	}{
		{"no terminal", environment{color: "auto", width: -1}, nil, 0, false, false},
		{"flags", environment{color: "always", width: 60, ascii: true}, map[string]string{"COLUMNS": "90", "NO_COLOR": "1"}, 60, true, true},
		{"no limit", environment{color: "never", width: 0}, map[string]string{"COLUMNS": "90", "FORCE_COLOR": "1"}, 0, false, false},
		{"COLUMNS", environment{color: "auto", width: -1}, map[string]string{"COLUMNS": "90"}, 90, false, false},
		{"COLUMNS nonsense", environment{color: "auto", width: -1}, map[string]string{"COLUMNS": "-3"}, 0, false, false},
		{"FORCE_COLOR", environment{color: "auto", width: -1}, map[string]string{"FORCE_COLOR": "1", "TERM": "dumb"}, 0, true, false},
		{"FORCE_COLOR=0", environment{color: "auto", width: -1}, map[string]string{"FORCE_COLOR": "0"}, 0, false, false},
		{"NO_COLOR wins", environment{color: "auto", width: -1}, map[string]string{"FORCE_COLOR": "1", "NO_COLOR": "1"}, 0, false, false},
		{"C locale", environment{color: "auto", width: -1}, map[string]string{"LANG": "C"}, 0, false, true},
		{"UTF-8 locale", environment{color: "auto", width: -1}, map[string]string{"LANG": "C", "LC_ALL": "C.UTF-8"}, 0, false, false},
	}
	for _, c := range cases {
		c.env.getenv = func(name string) string { return c.vars[name] }
		got := c.env.options(&bytes.Buffer{})
		if got.Width != c.width || got.Color != c.color || got.ASCII != c.ascii {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

// Scripts run as any user, and root may read everything: the message is tested here.
func TestPermissionDenied(t *testing.T) {
	var stderr bytes.Buffer
	code := exitStatus(traceError("a.ltrace", fmt.Errorf("open trace: %w", &fs.PathError{Op: "open", Path: "a.ltrace", Err: os.ErrPermission})), &stderr)
	want := "looptrace: a.ltrace: permission denied\nlooptrace: hint: traces are readable for the user who recorded them only\n"
	if code != exitUsage || stderr.String() != want {
		t.Errorf("got %d and %q", code, stderr.String())
	}
}

// A file name that would act on the terminal does not, and an error without text prints nothing.
func TestErrorsArePrintable(t *testing.T) {
	var stderr bytes.Buffer
	exitStatus(traceError("\x1b[2J\u202e", os.ErrNotExist), &stderr)
	if want := "looptrace: \\x1b[2J\\u202e: no such file\n"; !bytes.HasPrefix(stderr.Bytes(), []byte(want)) {
		t.Errorf("got %q", stderr.String())
	}
	stderr.Reset()
	if code := exitStatus(&exitError{code: exitFindings}, &stderr); code != exitFindings || stderr.Len() != 0 {
		t.Errorf("got %d and %q", code, stderr.String())
	}
}

func TestFailing(t *testing.T) {
	with := func(severities ...analyze.Severity) *analyze.Result {
		res := &analyze.Result{}
		for _, s := range severities {
			res.Findings = append(res.Findings, analyze.Finding{Severity: s})
		}
		return res
	}
	cases := []struct {
		res    *analyze.Result
		failOn string
		want   bool
	}{
		{with(), "warning", false},
		{with(analyze.Note), "warning", false},
		{with(analyze.Note, analyze.Warning), "error", false},
		{with(analyze.Warning), "warning", true},
		{with(analyze.Warning, analyze.Error), "error", true},
		{with(analyze.Error), "none", false},
	}
	for i, c := range cases {
		if got := parsedFailOn(t, c.failOn).failing(c.res); got != c.want {
			t.Errorf("case %d: got %v", i, got)
		}
	}
}
