package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// leftBy begins a test that makes a goroutine at app.go:12, which waits from ms 2 on at line 20; the test ends at ms 10 and the
// trace goes on for after ms.
func leftBy(after int, on string, change func(w *goWorld, test, g int)) func(w *goWorld) {
	return func(w *goWorld) {
		test := w.test("TestA")
		g := w.spawn(test, "app.work", "app.Start:12:go work()", "app.TestA:8:Start()", "testing.tRunner")
		w.now = 2
		w.block(g, on, "app.work:20:for job := range jobs {", "runtime.chanrecv2")
		w.now = 10
		if change != nil {
			change(w, test, g)
		}
		w.end(test)
		w.now += after
	}
}

// A goroutine that spins is not said to wait.
func TestLeftAtWork(t *testing.T) {
	w := newGoWorld()
	leftBy(200, "chan-receive", func(w *goWorld, _, g int) { w.block(g, "none", "app.work:21:for !stop {") })(w)
	found := Check(w.run(t, analyze.Options{}), "test").Findings
	if len(found) != 1 || !strings.HasSuffix(found[0].Message, "last seen at app.go:21: it never ended") {
		t.Errorf("%+v", found)
	}
}

func TestLiveAtExitOfTests(t *testing.T) {
	left, one := []string{"error live-at-exit@12"}, []string{"TestA"}
	tryGo(t, []goScenario{
		{name: "blocked, long after", build: leftBy(200, "chan-receive", nil), want: left, tests: one},
		{name: "blocked, and the trace ends at once", build: leftBy(0, "chan-receive", nil), want: left, tests: one},
		{name: "nobody receives", build: leftBy(0, "chan-send", nil), want: left, tests: one},
		{name: "asleep, long after", build: leftBy(200, "sleep", nil), want: []string{"note live-at-exit"}, tests: one},
		{name: "asleep, very long after", build: leftBy(1500, "sleep", nil), want: []string{"warning live-at-exit@12"}, tests: one},
		{name: "asleep again and again", build: func(w *goWorld) {
			leftBy(100, "sleep", nil)(w)
			w.line("task_woken thread=9 task=3")
			w.now++
			w.block(3, "sleep", "app.work:20:time.Sleep(d)", "time.Sleep")
			w.now += 100
		}, want: left, tests: one},
		{name: "a context.AfterFunc, once for each context", build: func(w *goWorld) {
			test := w.test("TestA")
			g := w.spawn(test, "app.after", "context.(*afterFuncCtx).cancel.func1", "sync.(*Once).doSlow", "sync.(*Once).Do", "context.(*afterFuncCtx).cancel", "app.stop:12:cancel()", "app.TestA")
			w.block(g, "chan-receive", "app.after:20:<-ch", "runtime.chanrecv1")
			w.end(test)
			w.now += 200
		}, want: left, tests: one},
		{name: "asleep, shortly after", build: leftBy(5, "sleep", nil), want: []string{"note live-at-exit"}, tests: one},
		{name: "in a system call, shortly after", build: leftBy(5, "syscall", nil), want: []string{"note live-at-exit"}, tests: one},
		{name: "in a system call of a library, shortly after", build: func(w *goWorld) {
			test := w.test("TestA")
			w.block(w.spawn(test, "net/lib.loop", "net/lib.Start", "app.Start:12:lib.Start()", "app.TestA"), "syscall", "net/lib.loop", "syscall.write")
			w.end(test)
			w.now += 5
		}},
		{name: "reads the network, right after", build: leftBy(1, "io", nil), want: []string{"note live-at-exit"}, tests: one},
		{name: "reads the network, soon after", build: leftBy(30, "io", nil), want: left, tests: one},
		{name: "ended in the test", build: leftBy(200, "chan-receive", func(w *goWorld, _, g int) { w.end(g) })},
		{name: "ended after the test", build: func(w *goWorld) {
			leftBy(50, "chan-receive", nil)(w)
			w.end(3)
		}},
		{name: "running, long after", build: leftBy(200, "chan-receive", func(w *goWorld, _, g int) { w.work(g) }), want: left, tests: one},
		{name: "running, shortly after", build: leftBy(90, "chan-receive", func(w *goWorld, _, g int) { w.work(g) })},
		{name: "ready to run, long after", build: leftBy(200, "chan-receive", func(w *goWorld, _, g int) { w.runnable(g) }), want: left, tests: one},
		{name: "ready to run, shortly after", build: leftBy(90, "chan-receive", func(w *goWorld, _, g int) { w.runnable(g) })},
		{name: "just woken, long after", build: func(w *goWorld) {
			leftBy(200, "select", nil)(w)
			w.wake(2, 3)
		}, want: left, tests: one},
		{name: "made, and never began", build: func(w *goWorld) {
			leftBy(200, "chan-receive", func(w *goWorld, _, g int) { w.end(g); w.spawn(2, "app.late", "app.TestA:9") })(w)
		}},
		{name: "blocked for ever on purpose", build: leftBy(200, "forever", func(w *goWorld, _, g int) {
			w.block(g, "forever", "app.work:20:select {}", "runtime.block")
		}), want: left, tests: one},
		{name: "an iterator that nobody stops", build: func(w *goWorld) {
			test := w.test("TestA")
			it := w.spawn(test, "runtime.corostart", "iter.Pull[...]", "app.TestA:12:next, stop := iter.Pull(seq)")
			w.block(it, "coroutine", "app.TestA.func1:13:if !yield(i) {", "iter.Pull[...].func1.1", "runtime.coroswitch")
			w.end(test)
			w.now += 200
		}, want: left, tests: one},
		{name: "an iterator of a goroutine that is left", build: leftBy(200, "chan-receive", func(w *goWorld, _, g int) {
			it := w.spawn(g, "runtime.corostart", "iter.Pull[...]", "app.work:19:next, stop := iter.Pull(seq)")
			w.block(it, "coroutine", "app.work.func1:30:if !yield(i) {", "iter.Pull[...].func1.1", "runtime.coroswitch")
		}), want: left, tests: one},
		{name: "just woken", build: leftBy(1, "chan-receive", func(w *goWorld, test, g int) { w.wake(test, g) })},
		{name: "another one of the test is at work", build: leftBy(5, "chan-receive", func(w *goWorld, test, _ int) {
			o := w.spawn(test, "app.other", "app.TestA:9")
			w.work(o)
		}), want: []string{"note live-at-exit"}, tests: one},
		{name: "another one is at work, but had time enough", build: leftBy(200, "chan-receive", func(w *goWorld, test, _ int) {
			o := w.spawn(test, "app.other", "app.TestA:9")
			w.work(o)
		}), want: []string{"error live-at-exit@12", "error live-at-exit@9"}, tests: []string{"TestA", "TestA"}},
		{name: "a timer may end it", build: leftBy(5, "chan-receive", func(w *goWorld, _, g int) {
			w.block(g, "chan-receive", "app.work:21:case <-time.After(d):")
		}), want: []string{"warning live-at-exit@12"}, tests: one},
		{name: "the test never ended", build: func(w *goWorld) {
			test := w.test("TestA")
			g := w.spawn(test, "app.work", "app.TestA:12")
			w.block(g, "chan-receive", "app.work:20")
			w.block(test, "sleep", "testing.tRunner", "app.TestA:14")
			w.now = 500
		}},
		{name: "a grandchild whose parent has ended", build: leftBy(0, "chan-receive", func(w *goWorld, _, g int) {
			w.wake(1, g)
			child := w.spawn(g, "app.child", "app.work:22:go child()")
			w.end(g)
			w.block(child, "mutex", "app.child:30", "sync.(*Mutex).Lock")
		}), want: []string{"error live-at-exit@22"}, tests: one},
		{name: "a library made it on a goroutine of its own", build: leftBy(0, "chan-receive", func(w *goWorld, test, g int) {
			w.end(g)
			dial := w.spawn(test, "net/http.(*Transport).dialConnFor", "net/http.(*Transport).startDialConnForLocked", "net/http.(*Client).Do", "app.TestA:9:http.Get(url)")
			conn := w.spawn(dial, "net/http.(*persistConn).readLoop", "net/http.(*Transport).dialConn", "net/http.(*Transport).dialConnFor")
			w.end(dial)
			w.block(conn, "select", "net/http.(*persistConn).readLoop", "runtime.selectgo")
		}), want: []string{"error live-at-exit@9"}, tests: one},
		{name: "idle connection", build: leftBy(0, "chan-receive", func(w *goWorld, test, g int) {
			w.end(g)
			conn := w.spawn(test, "net/http.(*persistConn).readLoop", "net/http.(*Transport).dialConn", "app.TestA:9")
			w.block(conn, "io", "net/http.(*persistConn).readLoop", "bufio.(*Reader).Peek")
		})},
		{name: "made under a sync.Once", build: leftBy(200, "chan-receive", func(w *goWorld, test, g int) {
			w.end(g)
			o := w.spawn(test, "app.loop", "app.start:40", "sync.(*Once).doSlow", "sync.(*Once).Do", "app.TestA:8")
			w.block(o, "chan-receive", "app.loop:41")
		}), want: []string{"note live-at-exit"}, tests: one},
		{name: "served another test later", build: func(w *goWorld) {
			leftBy(0, "chan-receive", nil)(w)
			second := w.test("TestB")
			w.now++
			w.line("step_begun thread=%d task=%d", second+1, second)
			w.wake(second, 3)
			w.now++
			w.block(3, "chan-receive", "app.work:20")
			w.end(second)
			w.now += 200
		}, want: []string{"note live-at-exit"}, tests: one},
		{name: "accepted a connection of another test later", build: func(w *goWorld) {
			leftBy(0, "io", nil)(w)
			second := w.test("TestB")
			w.now += 50
			w.block(3, "io", "app.work:20")
			w.now++
			w.end(second)
			w.now += 200
		}, want: []string{"note live-at-exit"}, tests: one},
		{name: "two tests at once, each is told of its own", build: func(w *goWorld) {
			a, b := w.test("TestA"), w.test("TestB/sub")
			ga := w.spawn(a, "app.work", "app.Start:12", "app.TestA:8")
			gb := w.spawn(b, "app.work", "app.Start:12", "app.TestB:18")
			w.block(ga, "chan-receive", "app.work:20")
			w.block(gb, "chan-receive", "app.work:20")
			w.end(b)
			w.end(a)
		}, want: []string{"error live-at-exit@12", "error live-at-exit@12"}, tests: []string{"TestA", "TestB/sub"}},
		{name: "three of one place are one finding", build: leftBy(0, "chan-receive", func(w *goWorld, test, _ int) {
			for range 2 {
				w.block(w.spawn(test, "app.work", "app.Start:12:go work()", "app.TestA:8:Start()", "testing.tRunner"), "chan-receive", "app.work:20")
			}
		}), want: left, tests: one},
		{name: "made by TestMain", build: func(w *goWorld) {
			w.block(w.spawn(1, "app.serve", "app.TestMain:5", "main.main"), "io", "app.serve:50")
			w.end(w.test("TestA"))
			w.now += 300
			w.exit()
		}, want: []string{"note live-at-exit"}},
		{name: "a test that waits for its subtest", build: func(w *goWorld) {
			outer := w.test("TestA")
			w.block(outer, "chan-receive", "testing.tRunner", "app.TestA:8", "testing.(*T).Run")
			w.end(outer)
			w.now += 300
		}},
	})
}

func TestLiveAtExitOfMain(t *testing.T) {
	made := func(on string, change func(w *goWorld, g int)) func(w *goWorld) {
		return func(w *goWorld) {
			g := w.spawn(1, "app.work", "app.Start:12", "main.main")
			w.block(g, on, "app.work:20", "runtime.chanrecv1")
			w.now = 50
			if change != nil {
				change(w, g)
			}
			w.exit()
		}
	}
	note := []string{"note live-at-exit"}
	tryGo(t, []goScenario{
		{name: "a worker of main waits for work", build: made("chan-receive", nil), want: note},
		{name: "a loop of main in its select", build: made("select", nil), want: note},
		{name: "nobody receives", build: made("chan-send", nil), want: []string{"warning live-at-exit@12"}},
		{name: "nobody unlocks", build: made("mutex", nil), want: []string{"warning live-at-exit@12"}},
		{name: "asleep", build: made("sleep", nil), want: note},
		{name: "at work", build: made("chan-receive", func(w *goWorld, g int) { w.work(g) })},
		{name: "just woken", build: made("chan-receive", func(w *goWorld, g int) { w.wake(1, g) })},
		{name: "ended", build: made("chan-receive", func(w *goWorld, g int) { w.end(g) })},
		{name: "its creator has ended", build: made("chan-receive", func(w *goWorld, g int) {
			w.block(w.spawn(g, "app.child", "app.work:22"), "chan-receive", "app.child:30")
			w.end(g)
			w.now = 100
		}), want: []string{"warning live-at-exit@22"}},
		{name: "made in init", build: made("chan-receive", func(w *goWorld, g int) {
			w.end(g)
			w.block(w.spawn(1, "app.janitor", "app.init.0:3", "runtime.doInit1", "runtime.main"), "chan-send", "app.janitor:4")
		}), want: note},
		{name: "the program failed", build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.Start:12", "main.main"), "chan-send", "app.work:20")
			w.exit()
			text := strings.Replace(w.String(), "exit_code=0", "exit_code=1", 1)
			w.Reset()
			w.WriteString(text)
		}, want: note},
		{name: "a library's own", build: made("chan-receive", func(w *goWorld, g int) {
			w.end(g)
			w.block(w.spawn(1, "lib/pool.work", "lib/pool.New", "app.Start:12", "main.main"), "chan-receive", "lib/pool.work")
		}), want: note},
		{name: "the end was not seen", build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.Start:12", "main.main"), "chan-send", "app.work:20")
			w.now = 5000
		}},
	})
}

func TestLiveAtExitSaysWhatItLeavesOut(t *testing.T) {
	w := newGoWorld()
	w.block(w.spawn(1, "app.work", "app.Start:12", "main.main"), "chan-send", "app.work:20")
	w.block(w.spawn(1, "os/signal.loop", "os/signal.Notify", "main.main"), "forever", "os/signal.loop", "os/signal.signal_recv")
	res := Check(w.run(t, analyze.Options{}), "test")
	notes := strings.Join(res.Run.Health.Notes, "\n")
	for _, want := range []string{"that 1 goroutine was blocked when the trace ends is no finding", "os/signal 1"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %q", want, notes)
		}
	}
}

// A finding is the same one wherever the program lies, whatever its goroutines are numbered, and where lines have moved.
func TestGoFingerprints(t *testing.T) {
	w := newGoWorld()
	leftBy(200, "chan-receive", nil)(w)
	text := w.String()
	print := func(text string) string {
		t.Helper()
		w := &goWorld{}
		w.WriteString(text)
		found := Check(w.run(t, analyze.Options{}), "").Findings
		if len(found) != 1 {
			t.Fatalf("%d findings", len(found))
		}
		return found[0].Fingerprint
	}
	first := print(text)
	for name, change := range map[string]*strings.Replacer{
		"elsewhere":                strings.NewReplacer("/app/", "/home/me/src/app/", "cwd=/app", "cwd=/home/me/src/app"),
		"elsewhere, cwd not known": strings.NewReplacer("/app/", "/home/me/src/app/", " cwd=/app", ""),
		"other numbers":            strings.NewReplacer(`goroutine\s`, `goroutine\s4`),
		"other lines":              strings.NewReplacer("app.go:12:", "app.go:14:"),
	} {
		if got := print(change.Replace(text)); got != first {
			t.Errorf("%s: another finding", name)
		}
	}
	for name, change := range map[string]*strings.Replacer{
		"another function": strings.NewReplacer("app.Start", "app.Begin"),
		"another test":     strings.NewReplacer("name=TestA", "name=TestB"),
	} {
		if print(change.Replace(text)) == first {
			t.Errorf("%s: the same finding", name)
		}
	}
}

// A test that hangs is told when the timeout of go test has struck, and only then.
func TestHungTests(t *testing.T) {
	hang := func(alarm bool, on string, stack ...string) func(w *goWorld) {
		return func(w *goWorld) {
			test := w.test("TestA")
			w.block(test, on, append([]string{"testing.tRunner"}, stack...)...)
			w.now = 900
			if alarm {
				w.work(w.spawn(1, "testing.(*M).startAlarm.func1", "time.goFunc"))
			}
		}
	}
	tryGo(t, []goScenario{
		{
			name: "waits for a lock", build: hang(true, "mutex", "app.run:20:mu.Lock()", "sync.(*Mutex).Lock"),
			want: []string{"error live-at-exit@20"}, tests: []string{"TestA"},
		},
		{name: "waits for its subtests", build: hang(true, "chan-receive", "testing.(*T).Run", "runtime.chanrecv1")},
		{name: "waits for a subtest in its function", build: hang(true, "chan-receive", "app.TestA:8:t.Run(name, f)", "testing.(*T).Run", "runtime.chanrecv1")},
		{name: "waits for its turn", build: hang(true, "chan-receive", "app.run:8:t.Parallel()", "testing.(*T).Parallel", "runtime.chanrecv1")},
		{name: "runs for ever", build: func(w *goWorld) {
			w.work(w.test("TestA"))
			w.now = 900
			w.work(w.spawn(1, "testing.(*M).startAlarm.func1", "time.goFunc"))
		}, want: []string{"error live-at-exit"}, tests: []string{"TestA"}},
		{name: "no timeout", build: hang(false, "mutex", "app.run:20:mu.Lock()", "sync.(*Mutex).Lock")},
	})
}
