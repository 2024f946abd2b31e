package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// left notes something that is still open, opened at line 40.
func (w *world) left(kind, moment, state string, l *analyze.Loop) *analyze.Resource {
	f := at(40, "open", "x = await open_it()")
	r := &analyze.Resource{
		Kind: kind, ID: len(w.p.Resources) + 1, Moment: moment, State: state, Process: w.p, Loop: l, TimeNS: w.tick(),
		Stack: stack(f), At: &f, Name: "work", AgeNS: 5e6, LeftNow: -1,
	}
	w.p.Resources = append(w.p.Resources, r)
	return r
}

// leftAtClose closes a loop that has run while something is open.
func (w *world) leftAtClose(kind, state string) *analyze.Resource {
	l := w.loop()
	w.ran(l, "")
	r := w.left(kind, "close", state, l)
	r.Close = w.closed(l)
	return r
}

// join waits for the threads of jobs for some seconds; 0 for a wait that never ends.
func (w *world) join(where string, seconds float64, jobs ...*analyze.Resource) *analyze.Join {
	j := &analyze.Join{Process: w.p, Where: where, BeginNS: w.tick(), Jobs: jobs}
	if seconds > 0 {
		j.EndNS = j.BeginNS + int64(seconds*1e9)
	}
	w.p.Joins = append(w.p.Joins, j)
	return j
}

func TestExecutorResultLost(t *testing.T) {
	job := func(state string, wanted, awaited bool) func(w *world) {
		return func(w *world) {
			r := w.leftAtClose("job", state)
			r.Wanted, r.Awaited = wanted, awaited
		}
	}
	try(t, []scenario{
		{name: "awaited", build: job("running", true, true), want: []string{"error executor-result-lost@40"}},
		{name: "queued", build: job("queued", true, true), want: []string{"error executor-result-lost@40"}},
		{name: "not handed over", build: job("finished", true, true), want: []string{"error executor-result-lost@40"}},
		{name: "kept or forgotten", build: job("running", true, false), want: []string{"warning executor-result-lost@40"}},
		{name: "given up before", build: job("running", false, false)},
		{name: "refused close", build: func(w *world) {
			r := w.leftAtClose("job", "running")
			r.Wanted, r.Close.Outcome, r.Loop.ClosedBy = true, "noop", nil
			w.closed(r.Loop)
		}},
		{name: "three of one line", build: func(w *world) {
			r := w.leftAtClose("job", "running")
			r.Wanted = true
			for range 2 {
				again := *r
				w.p.Resources = append(w.p.Resources, &again)
			}
		}, want: []string{"warning executor-result-lost@40"}},
		{name: "beside the task that waits for it", build: func(w *world) {
			r := w.leftAtClose("job", "running")
			r.Wanted, r.Awaited = true, true
			x := live(w.task(r.Loop, "index", "index"))
			x.On.Kind = "executor"
			r.Close.Live = []*analyze.Live{x}
		}, want: []string{"error pending-at-close/executor-job-running@9", "warning executor-result-lost@40"}},
		{name: "with the late result", build: func(w *world) {
			r := w.leftAtClose("job", "running")
			r.Wanted, r.Awaited = true, true
			w.p.Uses = append(w.p.Uses, analyze.UseAfterClose{TimeNS: w.tick(), Loop: r.Loop, Call: "call_soon_threadsafe", Thread: "pool_0"})
		}, want: []string{"error executor-result-lost@40"}},
	})
}

func TestExecutorBlocksExit(t *testing.T) {
	waits := func(where string, seconds float64, change func(j *analyze.Join, job *analyze.Resource)) func(w *world) {
		return func(w *world) {
			l := w.loop()
			w.ran(l, "")
			job := w.left("job", "join", "running", l)
			j := w.join(where, seconds, job)
			if change != nil {
				change(j, job)
			}
			w.closed(l)
		}
	}
	wanted := func(_ *analyze.Join, job *analyze.Resource) { job.Wanted = true }
	want := []string{"warning executor-blocks-exit@40"}
	try(t, []scenario{
		{name: "in run()", build: waits("run", 1.4, nil), want: want},
		{name: "in run(), never awaited", build: waits("run", 1.4, wanted), want: want},
		{name: "in run(), soon over", build: waits("run", 0.3, nil)},
		{name: "at exit", build: waits("exit", 1.4, nil), want: want},
		{name: "killed while it waits", build: waits("exit", 0, nil), want: want},
		{name: "another job took the time", build: waits("run", 1.4, func(j *analyze.Join, job *analyze.Resource) {
			job.EndedNS = j.BeginNS + 1e8
		})},
		{name: "at the end of a with, given up", build: waits("shutdown", 1.4, nil), want: want},
		{name: "at the end of a with, wanted", build: waits("shutdown", 1.4, wanted)},
	})
}

func TestSlowShutdown(t *testing.T) {
	shutdown := func(w *world, seconds float64) (*analyze.Loop, *analyze.Shutdown) {
		l := w.loop()
		w.ran(l, "")
		s := &analyze.Shutdown{Loop: l, BeginNS: w.tick()}
		l.Shutdowns = append(l.Shutdowns, s)
		w.now += int64(seconds * 1e9)
		return l, s
	}
	for _, c := range []struct {
		name  string
		build func(w *world)
		want  string // cause of the only note; "none" for no note
	}{
		{"nobody known", func(w *world) { l, _ := shutdown(w, 1); w.closed(l) }, ""},
		{"soon", func(w *world) { l, _ := shutdown(w, 0.4); w.closed(l) }, "none"},
		{"a task", func(w *world) {
			l, s := shutdown(w, 1)
			tk := w.task(l, "saver", "save")
			tk.EndedNS = w.tick()
			s.Live = []*analyze.Live{live(tk)}
			w.closed(l)
		}, causeLateTask},
		{"a job", func(w *world) {
			l, _ := shutdown(w, 0)
			w.join("run", 1, w.left("job", "join", "running", l))
			w.now += 1e9
			w.closed(l)
		}, causeThreads},
		{"a plain thread at exit", func(w *world) {
			f := at(50, "spin", "time.sleep(2)")
			w.join("exit", 2).Threads = []*analyze.Resource{{Kind: "thread", Thread: "spinner", ThreadAt: &f, Process: w.p}}
		}, causeThread},
	} {
		w, got := newWorld(12), "none"
		c.build(w)
		slowShutdown().Check(w.run, func(f analyze.Finding) {
			if got != "none" || f.Message == "" || len(f.Evidence) == 0 || f.Fix.Summary == "" {
				t.Errorf("%s: %+v", c.name, f)
			}
			got = f.Cause
		})
		if got != c.want {
			t.Errorf("%s: cause %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSubprocessOutlivesLoop(t *testing.T) {
	try(t, []scenario{
		{name: "running", build: func(w *world) { w.leftAtClose("subprocess", "running") }, want: []string{"error subprocess-outlives-loop@40"}},
		{name: "not heard of", build: func(w *world) { w.leftAtClose("subprocess", "ended") }, want: []string{"warning subprocess-outlives-loop@40"}},
		{name: "loop collected", build: func(w *world) { w.leftAtClose("subprocess", "running").Close.Implicit = true }, want: []string{"warning loop-never-closed@1"}},
		{name: "loop never closed", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			w.left("subprocess", "exit", "running", l)
		}, want: []string{"warning subprocess-outlives-loop@40", "warning loop-never-closed@1"}},
	})
}

func TestTransportUnclosed(t *testing.T) {
	try(t, []scenario{
		{name: "open", build: func(w *world) { w.leftAtClose("transport", "open") }, want: []string{"warning transport-unclosed@40"}},
		{name: "closed with data", build: func(w *world) { w.leftAtClose("transport", "closing").Unsent = true }, want: []string{"warning transport-unclosed@40"}},
		{name: "writer collected", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			w.left("transport", "collected", "open", l)
			w.closed(l)
		}, want: []string{"warning transport-unclosed@40"}},
		{name: "said by its library", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			for _, message := range []string{"Unclosed client session", "Unclosed connector"} {
				w.handled(l, message, "").Stack = stack(at(50, "main", "await fetch()"))
			}
			w.closed(l)
		}, want: []string{"warning transport-unclosed@50"}},
		{name: "said with an exception, or of no line", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			w.handled(l, "Unclosed connector", "")
			w.handled(l, "Unclosed", "").Stack = stack(at(50, "main", "await fetch()"))
			w.closed(l)
		}},
		{name: "of a task that was dropped", build: func(w *world) {
			r := w.leftAtClose("transport", "open")
			r.Owner = w.task(r.Loop, "client", "client")
			r.Close.Live = []*analyze.Live{live(r.Owner)}
		}, want: []string{"error pending-at-close/never-cancelled@9"}},
	})
}

func TestServerConnectionsLive(t *testing.T) {
	wait := func(change func(r *analyze.Resource)) func(w *world) {
		return func(w *world) {
			l := w.loop()
			w.ran(l, "")
			r := w.left("server", "wait-closed", "closing", l)
			r.Count, r.Tasks = 1, []*analyze.Task{w.done(l, "conn")}
			change(r)
			w.closed(l)
		}
	}
	try(t, []scenario{
		{name: "cancelled", build: wait(func(r *analyze.Resource) {
			r.EndedNS, r.Ended, r.LeftNow = r.TimeNS+5e8, "raised", 1
		}), want: []string{"warning server-connections-live@40"}},
		{name: "never over", build: wait(func(*analyze.Resource) {}), want: []string{"warning server-connections-live@40"}},
		{name: "over when the client left", build: wait(func(r *analyze.Resource) {
			r.EndedNS, r.Ended, r.LeftNow = r.TimeNS+3e9, "returned", 0
		})},
		{name: "cancelled when all had left", build: wait(func(r *analyze.Resource) {
			r.EndedNS, r.Ended, r.LeftNow = r.TimeNS+3e9, "raised", 0
		})},
	})
}
