package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// TestFixesFitTheProgram pins fixes that name what the program's own line has.
func TestFixesFitTheProgram(t *testing.T) {
	line := func(text string) *analyze.Frame { f := at(7, "work", text); return &f }
	w := newWorld(12)
	old := newWorld(8)
	gen := &analyze.AbandonedAsyncgen{Loop: w.loop(), Name: "Table.rows", Opened: line("async for row in self.rows(3):")}
	for _, c := range []struct {
		name, got string
		has, not  string
	}{
		{"future of the line", invalidFix(causeLateReply, line("self.pending[n].set_result(text)")).Code, "if not self.pending[n].done():", "future"},
		{"future that is a call", invalidFix(causeLateReply, line("futures.pop(n).set_result(text)")).Code, "if not future.done():", "pop"},
		{"generator of the line", closeAsyncgen(w.p, gen).Code, "contextlib.aclosing(self.rows(3))", "rows(...)"},
		{"generator of the line, no aclosing()", closeAsyncgen(old.p, gen).Code, "items = self.rows(3)", "aclosing"},
		{"job of the default executor", codeOf(awaitJob(w.p, line("await loop.run_in_executor(None, f)"), "job", "loop")), "shutdown_default_executor", "None"},
		{"job of a pool", codeOf(awaitJob(w.p, line("await loop.run_in_executor(self.pool, f)"), "job", "loop")), "self.pool.shutdown()", "default"},
		{"job, no shutdown_default_executor()", codeOf(awaitJob(old.p, line("await loop.run_in_executor(None, f)"), "job", "loop")), "await job", "shutdown"},
		{"executor shut down by the loop", executorFix(defaultShutText).Code, "shutdown_default_executor()", "pool"},
		{"orphan of a failed parent", orphanFix(w.p, causeParentFailed, w.task(w.loop(), "x", "work").Site).Code, "group.create_task(work())", "coros"},
		{"coroutine of an object made on the spot", spawned(&analyze.Site{Coro: "Worker.run", At: line(`asyncio.ensure_future(Worker("a, b").run(), loop=loop)`)}), `Worker("a, b").run()`, "loop"},
		{"coroutine whose call goes on in the next line", spawned(&analyze.Site{Coro: "Worker.run", At: line("asyncio.ensure_future(Worker(")}), "run(...)", "Worker"},
		{"list of writers", variableOf(line("cs = [await asyncio.open_connection(h, p) for h in hosts]"), "writer"), "writer", "cs"},
		{"pair of a reader and a writer", variableOf(line("r, w = await asyncio.open_connection(h, p)"), "writer"), "w", "r,"},
	} {
		if !strings.Contains(c.got, c.has) || strings.Contains(c.got, c.not) {
			t.Errorf("%s: %q, want %q and not %q", c.name, c.got, c.has, c.not)
		}
	}
}

func codeOf(code, _ string) string { return code }

// TestWithStatementCloses pins that a loop which a with statement closes is not told to be closed once more.
func TestWithStatementCloses(t *testing.T) {
	for text, want := range map[string]string{
		"with contextlib.closing(asyncio.new_event_loop()) as loop:": "# at the end of the with block of app.py:22:",
		"loop.run_until_complete(main())":                            "# before app.py:22 closes the loop:",
		"loop.close()":                                               "# instead of the close() at app.py:22:",
	} {
		w := newWorld(12)
		f := at(22, "serve", text)
		left("", func(_ *world, c *analyze.Close, _ *analyze.Live) { c.At, c.Stack = &f, stack(f) })(w)
		got := Check(w.run, "").Findings[0].Fix.Code
		if !strings.HasPrefix(got, want) || strings.HasSuffix(got, "loop.close()") != (text == "loop.close()") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestHelperBlocks pins that a thread is proposed where the coroutine calls a synchronous function, not inside of that.
func TestHelperBlocks(t *testing.T) {
	for _, c := range []struct {
		outer analyze.Frame
		want  string
	}{
		{at(7, "main", "client.get(url)"), "await asyncio.to_thread(client.get, ...)"},
		{at(7, "main", "await client.get(url)"), "await asyncio.sleep(1)"},
	} {
		w := newWorld(12)
		l := w.open()
		w.held(l, 300, analyze.StepSample{Stack: stack(at(40, "_send", "time.sleep(1)"), c.outer), State: "S", OverNS: 100}).Others = 1
		if got := Check(w.run, "").Findings[0].Fix.Code; !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.outer.Text, got)
		}
	}
}

func TestTaskNamesSayThemselvesThatTheyAreTasks(t *testing.T) {
	if a, b := theTask(&analyze.Task{Name: "Task-7"}), theTask(&analyze.Task{Name: "poller"}); a != "Task-7" || b != "task poller" {
		t.Errorf("%q, %q", a, b)
	}
}
