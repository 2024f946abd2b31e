package analyze

import (
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestSpawnSite pins which frame of a creation stack is the answer, and when the library is.
func TestSpawnSite(t *testing.T) {
	const (
		loopCreate = "asyncio/base_events.py:436:create_task"
		create     = "asyncio/tasks.py:420:create_task"
		ensure     = "asyncio/tasks.py:690:ensure_future"
		user       = "app.py:50:main:create_task(work())"
		run        = "app.py:99:<module>:asyncio.run(main())"
		handle     = "asyncio/events.py:88:_run"
	)
	tests := []struct {
		name   string
		stack  []string
		line   int // 9 is the run's own line
		via    string
		gather bool
	}{
		{"create_task", []string{loopCreate, create, user}, 50, "", false},
		{"gather", []string{loopCreate, ensure, "asyncio/tasks.py:800:gather", user}, 50, "", true},
		{"main task of a run", []string{loopCreate, ensure, "asyncio/base_events.py:670:run_until_complete", run}, 99, "", false},
		{"frames of libraries in between", []string{loopCreate, create, "site/pool/jobs.py:3:submit", user}, 50, "", false},
		{"code of a notebook cell", []string{loopCreate, create, "<cell 1>:2:<module>:create_task(x())"}, 2, "", false},
		{"frozen code is the library's", []string{loopCreate, "<frozen runpy>:2:run", user}, 50, "", false},
		{"cut at the callback", []string{loopCreate, "asyncio/streams.py:250:connection_made"}, 9, "asyncio/streams.py:connection_made", false},
		{"callback, not cut", []string{loopCreate, "asyncio/streams.py:250:connection_made", handle, "asyncio/base_events.py:1970:_run_once", "asyncio/base_events.py:600:run_forever", run}, 99, "asyncio/streams.py:connection_made", false},
		{"callback of a package", []string{loopCreate, "site/web/protocol.py:30:data_received", handle}, 9, "web/protocol.py:data_received", false},
		{"finalizer of an async generator", []string{loopCreate}, 9, "asyncio/base_events.py:_asyncgen_finalizer_hook", false},
		{"from another thread", []string{loopCreate, ensure, "asyncio/tasks.py:970:callback"}, 9, "asyncio/tasks.py:run_coroutine_threadsafe", false},
		{"__init__ of a subclass, called by the loop", []string{"task.py:8:__init__:super().__init__(coro, loop=loop)", loopCreate, create, user}, 50, "", false},
		{"__init__ of a subclass, called by a factory", []string{"task.py:8:__init__:super().__init__(coro, loop=loop)", "task.py:20:factory:return Named(coro)", loopCreate, create, user}, 50, "", false},
		{"__init__ of a subclass, called directly", []string{"asyncio/tasks.py:120:__init__", "task.py:8:__init__:asyncio.Task.__init__(self, coro)", user}, 50, "", false},
		{"__init__ of another class that makes a task", []string{"bot.py:8:__init__:self.task = asyncio.Task(self.run())", user}, 8, "", false},
		{"__init__ of another class that spawns", []string{loopCreate, create, "bot.py:8:__init__:self.task = asyncio.create_task(self.run())", user}, 8, "", false},
		{"a factory with a helper", []string{"task.py:3:make:return asyncio.Task(coro)", "task.py:20:factory:return make(coro)", loopCreate, create, user}, 50, "", false},
		{"a factory, called for the library", []string{"task.py:20:factory:return asyncio.Task(coro)", loopCreate, "asyncio/streams.py:250:connection_made"}, 9, "asyncio/streams.py:connection_made", false},
		{"a coroutine that begins eagerly under a factory", []string{loopCreate, create, "app.py:31:body:create_task(inner())", "task.py:20:factory:return Task(coro, eager_start=True)", loopCreate, create, user}, 31, "", false},
		{"create_task of a loop subclass", []string{loopCreate, "loop.py:4:create_task:return super().create_task(coro)", create, user}, 50, "", false},
		{"create_task of a loop subclass, called directly", []string{loopCreate, "loop.py:4:create_task:return super().create_task(coro)", user}, 50, "", false},
		{"run_until_complete of a loop subclass", []string{loopCreate, ensure, "asyncio/base_events.py:670:run_until_complete", "loop.py:4:run_until_complete:return super().run_until_complete(future)", user}, 50, "", false},
		{"a wrapper of run_until_complete", []string{loopCreate, ensure, "asyncio/base_events.py:670:run_until_complete", "kit.py:4:run_until_complete:return self.loop.run_until_complete(future)", user}, 4, "", false},
		{"a helper of that name", []string{loopCreate, create, "util.py:4:create_task:return asyncio.create_task(coro)", user}, 4, "", false},
		{"a method of that name", []string{loopCreate, "util.py:4:create_task:return self.loop.create_task(coro)", user}, 4, "", false},
		{"nothing but plumbing", []string{"task.py:8:__init__:super().__init__(coro)"}, 9, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTrace()
			tr.open("run_forever")
			coro := "work"
			if len(tt.stack) == 1 && tt.stack[0] == loopCreate {
				coro = ""
			}
			tr.spawn(1, tr.site(coro, tt.stack...))
			s := tr.build(t, Options{}).Tasks[0].Site
			if s.At == nil || s.At.Line != tt.line || s.Via != tt.via || s.Gather != tt.gather {
				t.Errorf("at %+v via %q gather %v", s.At, s.Via, s.Gather)
			}
			if len(s.Stack) != len(tt.stack) {
				t.Errorf("%d of %d frames kept", len(s.Stack), len(tt.stack))
			}
		})
	}
}

// TestSiteOfTheRun pins that a spawn without a frame of the program is attributed to the run that it happened in, and that
// sites are counted by content.
func TestSiteOfTheRun(t *testing.T) {
	tr := newTrace()
	site := tr.site("serve", "asyncio/base_events.py:436:create_task", "asyncio/streams.py:250:connection_made")
	for i, line := range []string{"app.py:9:<module>", "app.py:12:<module>", "app.py:9:<module>"} {
		tr.rare(tracefile.RunBegun, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack(line)}, "api", "run_forever")
		tr.spawn(tracefile.TaskID(i+1), site)
		tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_forever")
	}
	run := tr.build(t, Options{})
	if a, b, c := run.Tasks[0].Site, run.Tasks[1].Site, run.Tasks[2].Site; a.At.Line != 9 || b.At.Line != 12 || a != c {
		t.Errorf("sites %+v %+v %+v", a.At, b.At, c.At)
	}
	if len(run.Folded) != 2 || run.Folded[0].Spawned != 2 {
		t.Errorf("folded: %+v", run.Folded)
	}
}

func TestCaller(t *testing.T) {
	tests := []struct {
		name  string
		stack []string
		line  int
	}{
		{"plain", []string{"app.py:5:main:loop.close()"}, 5},
		{"library in between", []string{"asyncio/runners.py:70:close", "app.py:5:main:asyncio.run()"}, 5},
		{"override", []string{"loop.py:3:close:super().close()", "app.py:5:main:loop.close()"}, 5},
		{"override, old style", []string{"loop.py:3:close:SelectorEventLoop.close(self)", "app.py:5:main:loop.close()"}, 5},
		{"override by class", []string{"loop.py:3:close=my.Loop.close:base.close(  # split", "app.py:5:main:loop.close()"}, 5},
		{"two overrides", []string{"loop.py:3:close:super().close()", "loop.py:9:close:super(B, self).close()", "app.py:5:main:loop.close()"}, 5},
		{"override called by the library", []string{"loop.py:3:close:super().close()", "asyncio/runners.py:70:close", "app.py:5:main:asyncio.run()"}, 5},
		{"close of the program's own object", []string{"bot.py:3:close=Bot.close:self.loop.close()", "app.py:5:main:bot.close()"}, 3},
		{"nothing but the override", []string{"loop.py:3:close:super().close()"}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTrace()
			tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 1, Thread: 1}, "class", "Loop")
			tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack(tt.stack...)})
			if c := tr.build(t, Options{}).Closes[0]; c.At == nil || c.At.Line != tt.line || len(c.Stack) != len(tt.stack) {
				t.Errorf("at %+v", c.At)
			}
		})
	}
}
