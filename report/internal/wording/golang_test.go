package wording

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// All that a Go program runs is a goroutine: those that were only counted, and those of which it is not known where they began.
func TestSizeOfGo(t *testing.T) {
	src, err := tracefile.ReadText(strings.NewReader(`looptrace 1
=run command=["./a"] started_at=1795451645325988719 started_ns=1000 pid=10 duration_ns=30000000 exit_code=0 signal=0
0 process_started pid=10 ppid=9 runtime=go1.26.8 recorder=runtime/trace argv=["./a"] cwd=/app stdlib=["/usr/local/go/src"]
0 loop_opened loop=1 class=goroutines
=chain 1 state=suspended on=select /app/main.go:9:main.main::select
0 task_waiting task=1 chain=1 name=goroutine\s1
=chain 2 state=suspended -
0 task_waiting task=2 chain=2 name=goroutine\s2
10 task_spawned task=3 number=1 loop=1 at=/app/main.go:3:main.main coro=main.work name=goroutine\s7
20 task_ended task=3 number=1
30 task_spawned task=4 number=1 loop=1 at=/app/main.go:3:main.main coro=main.work name=goroutine\s8
40 task_ended task=4 number=1
`))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{KeepTasks: -1})
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Tasks) != 2 {
		t.Fatalf("%d tasks are kept, not 2", len(run.Tasks))
	}
	if got := (&Phraser{}).Size(run); got != "4 goroutines" {
		t.Errorf("the size is %q", got)
	}
}

// Goroutines are no tasks where that can be said, and what a library starts is not the runtime's.
func TestSpawnedInGo(t *testing.T) {
	process := &analyze.Process{Runtime: "go1.26.8"}
	loop := &analyze.Loop{Process: process, Class: analyze.Goroutines}
	goroutine := func(site analyze.Site) *analyze.Live {
		site.Stack = []analyze.Frame{{Function: "x"}}
		return &analyze.Live{Task: &analyze.Task{Process: process, Loop: loop, Site: &site, Parent: &analyze.Task{}}}
	}
	at := &analyze.Frame{File: "/app/main.go", Line: 7, Function: "main.serve", User: true}
	p := &Phraser{}
	if got := p.SpawnedAll(Group{goroutine(analyze.Site{At: at}), goroutine(analyze.Site{At: at})}); got != "at /app/main.go:7 in main.serve, by several goroutines" {
		t.Error(got)
	}
	for via, want := range map[string]string{
		"net/http/server.go:http.(*Server).Serve": "by the library (net/http/server.go:http.(*Server).Serve)",
		"runtime/proc.go:runtime.main":            "by the Go runtime",
		"":                                        "by the Go runtime",
	} {
		l := goroutine(analyze.Site{Via: via})
		l.Task.Parent = nil
		if got := p.Spawned(l.Task); got != want {
			t.Errorf("%q: %s", via, got)
		}
	}
}

// A trace may not tell where a goroutine is that is older than it: it need not be in a library.
func TestInside(t *testing.T) {
	process := &analyze.Process{Runtime: "go1.22.12"}
	task := &analyze.Task{Process: process, Loop: &analyze.Loop{Process: process, Class: analyze.Goroutines}}
	if got := Inside(&analyze.Live{Task: task}); got != "(not observed)" {
		t.Error(got)
	}
	if got := Inside(&analyze.Live{Task: task, Awaiting: []analyze.Frame{{Function: "net.x"}}}); got != "(library)" {
		t.Error(got)
	}
}
