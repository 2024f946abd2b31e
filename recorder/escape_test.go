package recorder_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"
)

// A name comes out of the recording as it went in, whatever is in it, and no name can add a line or a field.
func FuzzName(f *testing.F) {
	for _, s := range []string{"poll", "a b", "@1f", "a,b", "\\s", "x\ny=1", "\x00\x7f\u0085\u202e\u2028", "\xff\xc0", "[\"a\"]", "=name 9 text=x", "日本"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) > 200 || name == "" || name == "goroutines" || name == "user tasks" {
			return
		}
		r, dir := open(t)
		l := r.Loop(name)
		_, task := l.Task(context.Background(), name)
		task.Wait(name)
		run := facts(t, dir)
		if got := run.Loops[0].Class; got != name {
			t.Errorf("the loop is %q, want %q", got, name)
		}
		if got := run.Tasks[0].Name; got != name {
			t.Errorf("the task is %q, want %q", got, name)
		}
		if got := run.Tasks[0].LastSeen.On.Kind; got != strings.ToLower(name) && utf8.ValidString(name) {
			t.Errorf("the reason is %q, want %q", got, name)
		}
	})
}
