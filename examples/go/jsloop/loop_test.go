package jsloop_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/looptrace/looptrace/examples/go/jsloop"
	"github.com/looptrace/looptrace/recorder"
)

// run runs a script until it calls done, and returns what was live when the loop stopped, and how many jobs the loop knows of.
func run(t *testing.T, script string) (live []string, jobs int) {
	t.Helper()
	rec := recorder.New().Loop(t.Name())
	loop, done := jsloop.New(rec), make(chan struct{})
	loop.Start()
	loop.RunOnLoop(func(vm *goja.Runtime) {
		_ = vm.Set("done", func() { close(done) })
		if _, err := vm.RunScript("test.js", script); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Error("the script is not done")
	}
	jobs = loop.Stop()
	for _, task := range rec.Live() {
		live = append(live, task.Name)
	}
	loop.Terminate()
	return live, jobs
}

// Each kind of job of a script is a task for as long as it can still run.
func TestJobs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		live   []string
		jobs   int
	}{
		"timer":            {"setTimeout(() => {}, 60000); done()", []string{"setTimeout at test.js:1"}, 1},
		"timer that ran":   {"setTimeout(done, 1)", nil, 0},
		"cleared timer":    {"clearTimeout(setTimeout(() => {}, 60000)); done()", nil, 0},
		"cleared twice":    {"const t = setTimeout(() => {}, 60000); clearTimeout(t); clearTimeout(t); done()", nil, 0},
		"cleared nothing":  {"clearTimeout(undefined); done()", nil, 0},
		"interval":         {"let n = 0; setInterval(() => { if (++n == 2) done() }, 1)", []string{"setInterval at test.js:1"}, 1},
		"cleared interval": {"const i = setInterval(() => { clearInterval(i); done() }, 1)", nil, 0},
		"immediate":        {"setImmediate(done)", nil, 0},
		"failing timer":    {"setTimeout(() => { setTimeout(done, 1); throw 'no' }, 1)", nil, 0},
		"arguments":        {"setTimeout((a, b) => { if (a + b == 3) done() }, 1, 1, 2)", nil, 0},
		"no function":      {"if (setTimeout(1) === undefined) done()", nil, 0},
		"await":            {"async function f() { await new Promise(() => {}) }\nf(); done()", []string{"await in f at test.js:1"}, 0},
		"await that ended": {"async function f() { await 1; await 2; done() }\nf()", nil, 0},
		"rejected await":   {"async function f() { try { await Promise.reject(1) } catch { done() } }\nf()", nil, 0},
		"then":             {"new Promise(() => {}).then(done); Promise.resolve(1).then(done)", nil, 0},
		"handler unused":   {"Promise.reject(1).then(() => {}).catch(done)", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live, jobs := run(t, test.script)
			if !slices.Equal(live, test.live) || jobs != test.jobs {
				t.Errorf("live %q and %d jobs, want %q and %d", live, jobs, test.live, test.jobs)
			}
		})
	}
}

// An interval's callback is the parent of what it begins, and so is what goes on after an await.
func TestParents(t *testing.T) {
	t.Parallel()
	rec := recorder.New().Loop("")
	loop, done := jsloop.New(rec), make(chan struct{})
	loop.Start()
	loop.RunOnLoop(func(vm *goja.Runtime) {
		_ = vm.Set("done", func() { close(done) })
		_, _ = vm.RunScript("test.js", "async function f() { await 1; setTimeout(() => {}, 60000) }\nf().then(done)")
	})
	<-done
	loop.Stop()
	live := rec.Live()
	if len(live) != 1 || live[0].Name != "setTimeout at test.js:1" || live[0].Parent != 1 {
		t.Errorf("live: %+v", live)
	}
	loop.Terminate()
}
