package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestForeignCloser(t *testing.T) {
	user := func(file, function string) analyze.Frame {
		return analyze.Frame{File: file, Line: 1, Function: function, User: true}
	}
	app, sdk := user("/srv/app/app.py", "main"), user("/srv/app/sdk/client.py", "disconnect")
	script, module := []string{"python", "app.py"}, []string{"python", "-m", "shop.main"}
	tests := []struct {
		name                string
		argv                []string
		closer, opener, run analyze.Frame
		want                string
	}{
		{"a library directory", script, sdk, app, app, "sdk"},
		{"a script elsewhere", []string{"python", "/srv/app/app.py", "-m"}, sdk, app, app, "sdk"},
		{"a module beside the script", script, user("/srv/app/lifecycle.py", "finish"), app, app, ""},
		{"it had opened it", script, sdk, user("/srv/app/sdk/__init__.py", "connect"), app, ""},
		{"it had run it", script, sdk, app, user("/srv/app/sdk/loops/run.py", "run"), ""},
		{"the program closes what a library opened", script, app, sdk, sdk, ""},
		{"a package of the program closes what an installed one opened", script, sdk, site("server", "start"), site("server", "run"), ""},
		{"two parts of the package that was started", module, user("/srv/app/shop/core/end.py", "shut"), user("/srv/app/shop/main.py", "start"), user("/srv/app/shop/main.py", "start"), ""},
		{"the package that was started", module, user("/srv/app/shop/main.py", "shut"), user("/srv/app/sdk/a.py", "start"), user("/srv/app/sdk/a.py", "run"), ""},
		{"another package than the one that was started", module, sdk, user("/srv/app/shop/main.py", "start"), user("/srv/app/shop/main.py", "start"), "sdk"},
		{"installed", script, site("helper", "finish"), app, app, "helper"},
		{"code of no file", script, user("<cell 1>", "<module>"), app, app, ""},
		{"opened by code of no file", script, sdk, user("<cell 1>", "<module>"), app, ""},
		{"outside of the program's directory", script, user("/opt/kit/end.py", "shut"), app, app, "/opt/kit"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(12)
			w.p.Argv = test.argv
			l := w.loop()
			l.Stack, l.At = stack(test.opener), nil
			run := &analyze.LoopRun{Loop: l, Stack: stack(test.run)}
			c := &analyze.Close{Loop: l, Process: w.p, Stack: stack(test.closer)}
			if got := foreignCloser(c, run); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The close() of a loop class is called by whoever closes the loop, wherever the class lives.
func TestForeignCloserPassesOverPlumbing(t *testing.T) {
	w := newWorld(12)
	w.p.Argv = []string{"python", "app.py"}
	l := w.loop()
	closer := at(9, "main", "loop.close()")
	c := &analyze.Close{Loop: l, Process: w.p, At: &closer, Stack: stack(
		analyze.Frame{File: "/srv/app/loops/base.py", Line: 3, Function: "close", User: true}, closer)}
	if got := foreignCloser(c, &analyze.LoopRun{Loop: l, Stack: stack(at(8, "main", "loop.run_forever()"))}); got != "" {
		t.Errorf("got %q", got)
	}
}
