package pprof

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func render(t *testing.T, res *analyze.Result, write func(io.Writer, *analyze.Result) error) *profile.Profile {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, res); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// text is a profile as go tool pprof -raw shows it, whatever the zone of time is.
func text(p *profile.Profile) []byte {
	started := time.Unix(0, p.TimeNanos)
	return []byte(strings.ReplaceAll(p.String(), started.String(), started.UTC().Format(time.RFC3339Nano)))
}

func TestGolden(t *testing.T) {
	traces := goldentest.Traces(t)
	for _, name := range []string{"goroutines", "deadlock", "shutdown", "tests", "killed"} {
		res := goldentest.Judge(t, traces[name])
		goldentest.Compare(t, name+"_live.txt", text(render(t, res, Live)))
		goldentest.Compare(t, name+"_waits.txt", text(render(t, res, Waits)))
	}
	hostile := goldentest.Judge(t, goldentest.Hostile(traces["deadlock"]))
	goldentest.Compare(t, "deadlock_hostile_live.txt", text(render(t, hostile, Live)))
}

// The samples of every trace add up to what was left over, and to what was waited, and no text in them acts on a terminal.
func TestEveryTrace(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		live, waits := render(t, res, Live), render(t, res, Waits)
		if got, want := sum(live, 0), int64(len(leftOver(res))); got != want {
			t.Errorf("%d tasks, want %d", got, want)
		}
		var want int64
		for _, w := range res.Run.Waited {
			want += w.WaitNS
		}
		if got := sum(waits, 1); got != want {
			t.Errorf("%d ns waited, want %d", got, want)
		}
		for _, p := range []*profile.Profile{live, waits} {
			if i := strings.IndexAny(p.String(), "\x1b\x07\u009b\u202e\x00"); i >= 0 {
				t.Errorf("acts: %q", p.String()[i:min(i+80, len(p.String()))])
			}
		}
	})
}

func sum(p *profile.Profile, value int) (n int64) {
	for _, s := range p.Sample {
		n += s.Value[value]
	}
	return n
}

// A profile minus itself is nothing: two runs can be compared with -diff_base.
func TestDifference(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	fresh, base := render(t, res, Live), render(t, res, Live)
	base.Scale(-1)
	merged, err := profile.Merge([]*profile.Profile{fresh, base})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range merged.Sample {
		if s.Value[0] != 0 || s.Value[1] != 0 {
			t.Errorf("left: %v", s)
		}
	}
}

// The profile does not grow with the tasks, not even if each has a name of its own.
func TestCrowd(t *testing.T) {
	p := &analyze.Process{ID: 1, Main: true, Argv: []string{"crowd.py"}, Exit: analyze.Exit{TimeNS: 1e9}}
	loop := &analyze.Loop{ID: 1, Process: p, Class: "L"}
	site := &analyze.Site{Coro: "work", Stack: []analyze.Frame{{File: "/app/crowd.py", Line: 3, Function: "main", User: true}}}
	res := &analyze.Result{Run: &analyze.Run{Processes: []*analyze.Process{p}}}
	const n = 100_000
	for i := range n {
		task := &analyze.Task{ID: i + 1, Process: p, Loop: loop, Site: site, Outcome: "pending", Name: fmt.Sprint("w-", i)}
		res.Run.Tasks = append(res.Run.Tasks, task)
		p.Exit.Live = append(p.Exit.Live, &analyze.Live{Task: task, State: "suspended", SinceNS: 1e9 - 5})
	}
	live := render(t, res, Live)
	if got := sum(live, 0); got != n {
		t.Errorf("%d tasks, want %d", got, n)
	}
	if got := sum(live, 1); got != 5*n {
		t.Errorf("%d ns, want %d", got, 5*n)
	}
	if len(live.Sample) > namesKept+1 || len(live.Location) > 10 {
		t.Errorf("%d samples, %d locations", len(live.Sample), len(live.Location))
	}
}

// Of the moments that somebody asked for the last is told: a snapshot, else the calls of a function.
func TestMoments(t *testing.T) {
	p := &analyze.Process{ID: 1, Runtime: "go1.26.8", Exit: analyze.Exit{TimeNS: 100}}
	loop := &analyze.Loop{ID: 1, Process: p, Class: analyze.Goroutines}
	tasks := make([]*analyze.Task, 3)
	for i := range tasks {
		tasks[i] = &analyze.Task{ID: i + 1, Process: p, Loop: loop, Outcome: "pending"}
	}
	at := func(ns int64, numbers ...int) (list []*analyze.Live) {
		for _, n := range numbers {
			list = append(list, &analyze.Live{Task: tasks[n-1], State: "suspended", SinceNS: 10, AsOfNS: ns})
		}
		return list
	}
	p.Exit.Live = at(100, 1)
	tasks[1].Outcome, tasks[2].Outcome = "returned", "returned"
	res := &analyze.Result{Run: &analyze.Run{Processes: []*analyze.Process{p}, Loops: []*analyze.Loop{loop}, Tasks: tasks}}
	expect := func(what string, n, ns int64) {
		t.Helper()
		if live := render(t, res, Live); sum(live, 0) != n || sum(live, 1) != ns {
			t.Errorf("%s: %d tasks, %d ns; want %d, %d", what, sum(live, 0), sum(live, 1), n, ns)
		}
	}
	expect("at the end", 1, 90)
	res.Run.Closes = []*analyze.Close{
		{Process: p, Outcome: "seen", TimeNS: 20, Live: at(20, 1, 2)}, {Process: p, Outcome: "seen", TimeNS: 30, Live: at(30, 2, 3)},
	}
	expect("when the function was called", 3, 10+20+20)
	p.Snapshots = []*analyze.Snapshot{{Process: p, TimeNS: 40, Live: at(40, 1, 2, 3)}, {Process: p, TimeNS: 50, Live: at(50, 1, 3)}}
	expect("at the last snapshot", 2, 80)
}

// Goroutines of Go's runtime are none of the program's, and others that are known say as what.
func TestKnown(t *testing.T) {
	p := &analyze.Process{ID: 1, Runtime: "go1.26.8"}
	for i, known := range []string{"runtime", "testing", ""} {
		p.Exit.Live = append(p.Exit.Live, &analyze.Live{Task: &analyze.Task{ID: i + 1, Process: p, Known: known}})
	}
	live := render(t, &analyze.Result{Run: &analyze.Run{Processes: []*analyze.Process{p}}}, Live)
	if len(live.Sample) != 2 || !live.Sample[0].HasLabel("known", "testing") || len(live.Sample[1].Label["known"]) > 0 {
		t.Errorf("%v", live)
	}
}

// Functions are named as an import would find them, and with pprof's help not as in C++.
func TestNames(t *testing.T) {
	py := &analyze.Process{Runtime: "cpython 3.13.0", Cwd: "/srv/app"}
	goProcess := &analyze.Process{Runtime: "go1.26.8", Cwd: "/srv/app"}
	for _, c := range []struct {
		p          *analyze.Process
		file, name string
		want       string
	}{
		{py, "/srv/app/server.py", "Server.handle", "server.Server.handle"},
		{py, "/srv/app/box/__init__.py", "open_box", "box.open_box"},
		{py, "/srv/app/box/lid.py", "Lid.<lambda>", "box.lid.Lid.<lambda>"},
		{py, "/elsewhere/tool.py", "main", "tool.main"},
		{py, "/usr/lib/python3.13/asyncio/tasks.py", "sleep", "asyncio.tasks.sleep"},
		{py, "/usr/lib/python3.13/site-packages/aiohttp/web.py", "run_app", "aiohttp.web.run_app"},
		{py, "<frozen importlib._bootstrap>", "_load", "importlib._bootstrap._load"},
		{py, "<string>", "f", "f"},
		{py, "", "", "(unknown)"},
		{goProcess, "/usr/local/go/src/net/http/server.go", "net/http.(*Server).Serve", "net/http.(*Server).Serve"},
		{goProcess, "/srv/app/a.go", "main.(*T[...]).Run.func1", "main.(*T[...]).Run.func1"},
	} {
		f := &analyze.Frame{File: c.file, Qualname: c.name}
		if got := function(c.p, f); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.name, c.file, got, c.want)
		}
	}
	for argv, want := range map[string]string{
		"python3 -X dev serve.py": "serve.py", "python3 serve.py": "serve.py", "app.py x": "app.py", "python3": "python3", "": "",
		"/usr/bin/python3.13 -m pytest": "pytest", "./a.out python.py": "./a.out",
	} {
		if got := program(&analyze.Process{Argv: strings.Fields(argv)}); got != want {
			t.Errorf("%s: %s, want %s", argv, got, want)
		}
	}
}
