package place

import (
	"net/url"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
)

func TestPath(t *testing.T) {
	p := &analyze.Process{Main: true, Cwd: "/srv/app/"}
	run := &analyze.Run{Processes: []*analyze.Process{p}}
	for _, c := range []struct{ root, file, want string }{
		{"/repo", "/repo/pkg/app.py", "pkg/app.py"},
		{"/repo/", "/repo/pkg/../app.py", "app.py"},
		{"/repo", "/repository/app.py", ""},
		{"/repo", "/srv/app/app.py", "app.py"}, // recorded in a container
		{"/repo", "/usr/lib/python3/x.py", ""},
		{"/repo", "/repo", ""},
		{"/repo", "<string>", ""},
		{"/repo", "/repo/a\x1b[2J.py", ""}, // no file of a repository
		{"/repo", "/repo/a b|%.py", "a b|%.py"},
		{"", "/srv/app/sub/app.py", "sub/app.py"},
		{"/", "/etc/app.py", "etc/app.py"},
	} {
		got, ok := New(c.root, run).Path(c.file, p)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("from %q %q is %q, %v; want %q", c.root, c.file, got, ok, c.want)
		}
	}
}

func TestURI(t *testing.T) {
	r := New("/repo", &analyze.Run{})
	for file, want := range map[string]string{
		"/repo/pkg/app.py": "pkg/app.py",
		"/repo/a b#c?.py":  "a%20b%23c%3F.py",
		"/repo/x:y.py":     "x%3Ay.py",
		"/opt/lib/x.py":    "file:///opt/lib/x.py",
		"<string>":         "%3Cstring%3E",
	} {
		if got, inside := r.URI(file); got != want || inside != strings.HasPrefix(file, "/repo/") {
			t.Errorf("%q is %q, %v; want %q", file, got, inside, want)
		}
	}
}

// Whatever a file is called, its reference is a URI that means it.
func TestEscapeIsUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.Byte()).Draw(t, "name"))
		u, err := url.Parse("file:///" + Escape(name))
		if err != nil || u.Path != "/"+name || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q: %v %v", name, u, err)
		}
	})
}

func TestBlame(t *testing.T) {
	frame := func(file string, line int) *analyze.Frame {
		return &analyze.Frame{File: file, Line: line, User: true}
	}
	site := &analyze.Site{At: frame("/repo/spawn.py", 4)}
	loop := &analyze.Loop{At: frame("/repo/main.py", 9)}
	p := &analyze.Process{Main: true, Cwd: "/repo", Argv: []string{"python", "-u", "run.py"}}
	bare := &analyze.Process{Main: true, Cwd: "/repo", Argv: []string{"python", "-c", "pass"}}
	library := &analyze.Frame{File: "/repo/.venv/x.py", Line: 3}
	ran := &analyze.Test{Runner: "pytest", Name: "t.py::test_run", File: "/repo/t.py", Line: 7}
	named := &analyze.Test{Runner: "pytest", Name: "t.py::test_run", File: "/repo/t.py"} // in a process that the test started
	run := &analyze.Run{Processes: []*analyze.Process{p}, Tests: []*analyze.Test{named, ran}}
	helped := func(inTest, inHelper string) analyze.Finding {
		at, call := frame("/repo/spawn.py", 4), frame("/repo/t.py", 8)
		at.Text, call.Text, call.Function = inHelper, inTest, "test_run"
		t := &analyze.Task{Test: ran, Site: &analyze.Site{Coro: "Box.poll", At: at, Stack: []analyze.Frame{*at, *call, *library}}}
		return analyze.Finding{At: at, Tasks: []*analyze.Task{t}, Tests: []*analyze.Test{ran}}
	}
	for name, c := range map[string]struct {
		f    analyze.Finding
		want string
	}{
		"a helper's task":     {helped("spawn(box.poll())", "create_task(coro)"), "/repo/t.py"},
		"a helper's own":      {helped("box.start()", "create_task(self.poll())"), "/repo/spawn.py"},
		"neither":             {helped("box.start()", "create_task(coro)"), "/repo/spawn.py"},
		"the test":            {analyze.Finding{At: frame("<string>", 1), Process: bare, Tests: []*analyze.Test{named}}, "/repo/t.py"},
		"its own line":        {analyze.Finding{At: frame("/repo/a.py", 1), Tasks: []*analyze.Task{{Site: site}}}, "/repo/a.py"},
		"outside":             {analyze.Finding{At: frame("/opt/a.py", 1), Tasks: []*analyze.Task{{Site: site}}}, "/repo/spawn.py"},
		"evidence":            {analyze.Finding{Evidence: []analyze.Evidence{{}, {At: library}, {At: frame("/repo/e.py", 2)}}}, "/repo/e.py"},
		"task":                {analyze.Finding{Tasks: []*analyze.Task{{}, {Site: site}}}, "/repo/spawn.py"},
		"loop":                {analyze.Finding{Loop: loop}, "/repo/main.py"},
		"the script":          {analyze.Finding{}, "/repo/run.py"},
		"no line of the file": {analyze.Finding{At: frame("<string>", 1), Process: bare}, ""},
		"all outside":         {analyze.Finding{At: frame("/opt/a.py", 1), Process: bare}, "/opt/a.py"},
	} {
		got := ""
		if at := New("/repo", run).Blame(&c.f, run); at != nil {
			got = at.File
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A run may have as many loops as findings: what is not needed is not looked at.
func TestBlameOfManyLoops(t *testing.T) {
	p := &analyze.Process{Main: true, Cwd: "/repo"}
	for range 20_000 {
		at := &analyze.Frame{File: "/repo/main.py", Line: 9, User: true}
		p.Loops = append(p.Loops, &analyze.Loop{At: at, Runs: []*analyze.LoopRun{{At: at}}})
	}
	run := &analyze.Run{Processes: []*analyze.Process{p}}
	root := New("/repo", run)
	for name, f := range map[string]*analyze.Finding{
		"its own line": {At: &analyze.Frame{File: "/repo/a.py", Line: 1, User: true}, Process: p},
		"a loop":       {Process: p},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 100 {
			root.Blame(f, run)
		}
		runtime.ReadMemStats(&after)
		if bytes := (after.TotalAlloc - before.TotalAlloc) / 100; bytes > 100_000 {
			t.Errorf("%s: %d bytes", name, bytes)
		}
	}
}
