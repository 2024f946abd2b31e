package analyze

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// waitedText is a line for each sum.
func waitedText(t *testing.T, src tracefile.Source) string {
	t.Helper()
	run, err := Build(src, Options{Waited: true})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, w := range run.Waited {
		where := "?"
		if n := len(w.Stack); n > 0 {
			where = fmt.Sprintf("%s:%d", w.Stack[n-1].Function, w.Stack[n-1].Line)
		}
		fmt.Fprintf(&b, "%s of %s on %q: %d waits, %d ms; %d open, %d ms", where, w.Site.Coro, w.On, w.Count, w.WaitNS/ms, w.Open, w.OpenNS/ms)
		if w.Test != nil {
			b.WriteString("; " + w.Test.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", ""); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// Of asyncio, a wait has the place where the task was seen in it; where it was not, time counts all the same. Until its first
// step a task waits for nothing, and nothing wakes those of a closed loop.
func TestWaitedSampled(t *testing.T) {
	tr := newTrace() // events are 1 ms apart
	tr.open("run_forever")
	tr.site("job", "app.py:5:main:spawn()")
	nap := tr.chain("suspended", "future", "app.py:7:job", "asyncio/tasks.py:600:sleep")
	lock := tr.chain("suspended", "future", "app.py:8:job", "asyncio/locks.py:110:acquire=Lock.acquire")
	tr.spawn(1, 1)
	tr.spawn(2, 1)
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.StepBegun, 2)
	tr.hot(tracefile.IOWaitBegun, 0) // 1 waits since 1 ms, 2 from now on
	tr.add(tracefile.Event{Kind: tracefile.TaskWaiting, Task: 1, Chain: nap})
	tr.now += 100 * ms
	tr.hot(tracefile.StepBegun, 1) // 103 ms in sleep
	tr.hot(tracefile.StepBegun, 2) // 103 ms somewhere
	tr.hot(tracefile.StepBegun, 1) // 1 ms somewhere: the nap was the wait before
	tr.end(1, tracefile.OutcomeReturned, "")
	tr.hot(tracefile.IOWaitBegun, 0)
	tr.now += 10 * ms
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_forever")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1, Stack: 1}) // 2 has waited for 15 ms
	tr.live(2, "b", lock)
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1, Thread: 1}, "outcome", "closed")
	tr.now += 1000 * ms
	tr.rare(tracefile.ProcessEnding, tracefile.Event{Thread: 1}, "reason", "exit", "code", "0")
	equal(t, waitedText(t, tr), `
		? of job on "": 2 waits, 104 ms; 0 open, 0 ms
		sleep:600 of job on "sleep": 1 waits, 103 ms; 0 open, 0 ms
		acquire:110 of job on "lock": 1 waits, 14 ms; 1 open, 14 ms
	`)
}

// Of Go every wait has its stack, and ends when the goroutine is woken, which may be long before it runs. What can go on at
// any time does not wait, and the runtime is not the program. Waits belong to the test whose goroutine it is.
func TestWaitedGo(t *testing.T) {
	tr := goTrace(`
10 task_spawned thread=1 task=1 loop=1 at=/app/a.go:3:main.main coro=main.work name=goroutine\s7
20 step_begun thread=1 task=1
20 test_begun thread=1 task=1 runner=go\stest name=TestA
=chain 1 state=suspended on=chan-receive /app/a.go:9:main.work,/usr/local/go/src/runtime/chan.go:506:runtime.chanrecv1
1000020 step_ended thread=1 task=1 chain=1
6000020 task_woken thread=2 task=1
8000020 step_begun thread=1 task=1
9000020 step_ended thread=1 task=1
12000020 step_begun thread=1 task=1
13000020 step_ended thread=1 task=1 chain=1
=chain 2 state=suspended on=forever /app/b.go:2:main.old
14000020 task_waiting task=2 chain=2
=chain 3 state=suspended on=system /usr/local/go/src/runtime/mgc.go:2:runtime.bgsweep,/usr/local/go/src/runtime/proc.go:460:runtime.gopark
14000020 task_waiting task=3 chain=3
16000020 process_ending thread=1 reason=exit code=0
16000020 live_task task=1 loop=1 chain=1
16000020 live_task task=2 loop=1 chain=2
`)
	equal(t, waitedText(t, tr), `
		runtime.chanrecv1:506 of main.work on "chan-receive": 2 waits, 8 ms; 1 open, 3 ms; TestA
		main.old:2 of main.old on "forever": 1 waits, 2 ms; 1 open, 2 ms
	`)
}

func goTrace(events string) tracefile.Source {
	src, err := tracefile.ReadText(strings.NewReader(`looptrace 1
=run command=["./a"] started_at=1795451645325988719 started_ns=1000 pid=10 duration_ns=30000000 exit_code=0 signal=0
0 process_started pid=10 ppid=9 runtime=go1.26.8 recorder=runtime/trace argv=["./a"] cwd=/app stdlib=["/usr/local/go/src"]
0 loop_opened loop=1 class=goroutines
` + strings.TrimLeft(events, "\n")))
	if err != nil {
		panic(err)
	}
	return src
}

// Whatever a program does, a task does not wait longer than it lives and does not step, and there are no more waits than ends
// of steps. The facts are the same as without.
func TestWaitedIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newProgram(t)
		for range rapid.IntRange(1, 80).Draw(t, "acts") {
			p.act()
		}
		run, err := Build(p.tr, Options{Waited: true})
		if err != nil {
			t.Fatal(err)
		}
		var life, waited int64
		steps, waits := 0, 0
		for _, task := range run.Tasks {
			end := task.EndedNS
			if end == 0 {
				end = task.Process.Exit.TimeNS
			}
			life += end - task.SpawnedNS - task.BusyNS
			steps += task.Steps + 1 // a first one that was not told of
		}
		for _, w := range run.Waited {
			waited += w.WaitNS
			waits += w.Count
			if w.OpenNS > w.WaitNS || w.Open > w.Count || w.WaitNS < 0 || w.OpenNS < 0 {
				t.Fatalf("%+v", w)
			}
		}
		if waited > life || waits > steps {
			t.Fatalf("%d waits of %d ns in lives of %d steps and %d ns", waits, waited, steps, life)
		}
	})
}

// goStream is a source of steps that all end with a chain, as those of goroutines do.
type goStream struct {
	tracefile.Source
	head []tracefile.Event
	n, i int
	e    tracefile.Event
}

func (s *goStream) Next() (*tracefile.Event, error) {
	if len(s.head) > 0 {
		e := &s.head[0]
		s.head = s.head[1:]
		return e, nil
	}
	if s.i++; s.i > s.n {
		return nil, io.EOF
	}
	s.e = tracefile.Event{Time: int64(s.i) * 100, Stream: 1, Thread: 1, Task: tracefile.TaskID(1 + s.i/2%1000), Kind: tracefile.StepBegun}
	if s.i%2 == 1 {
		s.e.Kind, s.e.Chain = tracefile.StepEnded, tracefile.ChainID(1+s.i/2%7)
	}
	return &s.e, nil
}

// BenchmarkWaited reports what it costs to add up the waits of goroutines.
func BenchmarkWaited(b *testing.B) {
	for _, on := range []bool{false, true} {
		b.Run(fmt.Sprint(on), func(b *testing.B) {
			const n = 2_000_000
			for b.Loop() {
				tr := newTrace()
				for i := range 7 {
					tr.chain("suspended", "select", fmt.Sprintf("app.go:%d:main.work", i), "go/chan.go:1:runtime.chanrecv1")
				}
				tr.events[0].Attrs = append(tr.events[0].Attrs, tracefile.Attr{Key: "runtime", Value: "go1.26.8"})
				if _, err := Build(&goStream{Source: tr, head: tr.events, n: n}, Options{Waited: on}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}
