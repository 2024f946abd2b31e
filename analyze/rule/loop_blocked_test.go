package rule

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

const ms = int64(time.Millisecond)

// held makes a step of a task that took so many ms, sampled as the launcher does.
func (w *world) held(l *analyze.Loop, took int64, sample analyze.StepSample) *analyze.LongStep {
	s := &analyze.LongStep{Process: w.p, Loop: l, Task: w.done(l, "work"), Thread: "MainThread", BeginNS: w.tick(), Ended: true}
	s.EndNS = s.BeginNS + took*ms
	for age := 80 * ms; age < took*ms; age += age / 2 {
		sm := sample
		sm.TimeNS = s.BeginNS + age
		if sample.OverNS != 0 { // given in percent
			sm.OverNS, sm.CPUNS, sm.WaitNS = age, age*sample.CPUNS/100, age*sample.WaitNS/100
		}
		s.Samples = append(s.Samples, sm)
	}
	w.now = s.EndNS
	w.p.LongSteps = append(w.p.LongSteps, s)
	return s
}

// tellAll is tell with the notes.
func tellAll(found []analyze.Finding) []string {
	var told []string
	for _, f := range found {
		told = append(told, fmt.Sprintf("%s %s@%d", f.Severity, f.Rule, f.At.Line))
	}
	return told
}

func TestLoopBlocked(t *testing.T) {
	handle := lib("asyncio/events.py", "_run")
	sleeps := analyze.StepSample{Stack: stack(at(7, "work", "time.sleep(1)"), handle), State: "S", OverNS: 100}
	computes := analyze.StepSample{Stack: stack(at(8, "work", "total += n"), handle), State: "R", OverNS: 100, CPUNS: 98}
	starved := analyze.StepSample{Stack: computes.Stack, State: "R", OverNS: 100, CPUNS: 5, WaitNS: 95}
	queued := analyze.StepSample{Stack: computes.Stack, State: "R", OverNS: 100}
	stopped := analyze.StepSample{Stack: sleeps.Stack, State: "T", OverNS: 100}
	debugged := analyze.StepSample{Stack: stack(lib("cmd.py", "cmdloop"), lib("pdb.py", "interaction"), at(7, "work", "x = 1"), handle), State: "S", OverNS: 100}
	locked := analyze.StepSample{Stack: sleeps.Stack, State: "S", OverNS: 100, Interpreter: true}
	loads := analyze.StepSample{Stack: stack(analyze.Frame{File: "<frozen importlib._bootstrap>", Function: "_load"}, at(7, "work", "import pandas"), handle), State: "R", OverNS: 100, CPUNS: 98}
	starts := analyze.StepSample{Stack: stack(lib("threading.py", "wait"), lib("threading.py", "start"), at(7, "work", "thread.start()"), handle), State: "S", OverNS: 100}
	leaves := analyze.StepSample{Stack: stack(lib("threading.py", "join"), lib("concurrent/futures/process.py", "shutdown"), lib("concurrent/futures/_base.py", "__exit__"), at(7, "work", "with ProcessPoolExecutor() as pool:"), handle), State: "S", OverNS: 100}
	others := func(s *analyze.LongStep) *analyze.LongStep { s.Others = 1; return s }
	late := func(s *analyze.LongStep) *analyze.LongStep { s.Late, s.LateNS = 1, s.EndNS-s.BeginNS; return s }
	warned, noted := []string{"warning loop-blocked@7"}, []string{"note loop-blocked@7"}
	for _, c := range []struct {
		name  string
		build func(w *world, l *analyze.Loop)
		want  []string
	}{
		{"sleeps and others are there", func(w *world, l *analyze.Loop) { others(w.held(l, 300, sleeps)) }, warned},
		{"sleeps alone", func(w *world, l *analyze.Loop) { w.held(l, 900, sleeps) }, noted},
		{"sleeps for a moment", func(w *world, l *analyze.Loop) { late(w.held(l, 150, sleeps)) }, noted},
		{"sleeps for a moment, often", func(w *world, l *analyze.Loop) {
			for range 4 {
				late(w.held(l, 150, sleeps))
			}
		}, warned},
		{"computes and timers are late", func(w *world, l *analyze.Loop) { late(w.held(l, 600, computes)) }, []string{"warning loop-blocked@8"}},
		{"computes alone", func(w *world, l *analyze.Loop) { w.held(l, 3000, computes) }, []string{"note loop-blocked@8"}},
		{"waits for a CPU", func(w *world, l *analyze.Loop) { late(w.held(l, 900, starved)) }, nil},
		{"waits for a CPU all the time", func(w *world, l *analyze.Loop) { late(w.held(l, 900, queued)) }, nil},
		{"waits for a CPU once it was read", func(w *world, l *analyze.Loop) {
			s := late(w.held(l, 900, queued))
			s.Samples[0].State = "S"
			for i := range s.Samples {
				s.Samples[i].CPUNS = ms
			}
		}, []string{"note loop-blocked@8"}}, // how it spent the time until then is not known
		{"counts stand still as it sleeps", func(w *world, l *analyze.Loop) { late(w.held(l, 900, sleeps)) }, warned},
		{"is stopped", func(w *world, l *analyze.Loop) { late(w.held(l, 900, stopped)) }, nil},
		{"is debugged", func(w *world, l *analyze.Loop) { late(w.held(l, 900, debugged)) }, nil},
		{"waits for the interpreter lock", func(w *world, l *analyze.Loop) { late(w.held(l, 900, locked)) }, noted},
		{"imports", func(w *world, l *analyze.Loop) { late(w.held(l, 900, loads)) }, noted},
		{"idle workers end", func(w *world, l *analyze.Loop) { late(w.held(l, 600, leaves)) }, noted},
		{"workers that are not idle end", func(w *world, l *analyze.Loop) { late(w.held(l, 2000, leaves)) }, warned},
		{"starts a thread", func(w *world, l *analyze.Loop) { late(w.held(l, 900, starts)) }, noted},
		{"nobody looked for a long time", func(w *world, l *analyze.Loop) {
			s := late(w.held(l, 300, sleeps))
			s.EndNS += 60_000 * ms // the machine slept
		}, warned},
		{"seen once, then the machine slept", func(w *world, l *analyze.Loop) {
			s := late(w.held(l, 90, sleeps))
			s.EndNS += 60_000 * ms
		}, noted},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(12)
			l := w.loop()
			w.ran(l, "")
			w.closed(l)
			c.build(w, l)
			res := Check(w.run, "test")
			for i := range res.Findings {
				wellFormed(t, &res.Findings[i])
			}
			if got := tellAll(res.Findings); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Where nobody could look, the coroutine is named, and the health says why.
func TestLoopBlockedUnseen(t *testing.T) {
	w := newWorld(12)
	l := w.loop()
	w.ran(l, "")
	w.closed(l)
	s := w.held(l, 900, analyze.StepSample{})
	s.Samples, s.Others = nil, 3
	s.Task.Site.Def = at(6, "work", "async def work():")
	res := Check(w.run, "test")
	if got := tellAll(res.Findings); !slices.Equal(got, []string{"note loop-blocked@6"}) || len(w.run.Health.Notes) != 1 {
		t.Errorf("%q %q", got, w.run.Health.Notes)
	}
}

func TestAgreedLine(t *testing.T) {
	handle := lib("asyncio/events.py", "_run")
	caller := at(9, "work", "crunch()")
	sample := func(frames ...analyze.Frame) analyze.StepSample {
		return analyze.StepSample{Stack: append(frames, handle)}
	}
	inLine := func(n int) analyze.StepSample { return sample(at(n, "crunch", "x"), caller) }
	expr := sample(at(9, "<genexpr>", "crunch()"), caller)
	for _, c := range []struct {
		name    string
		samples []analyze.StepSample
		line    int
		seen    int
	}{
		{"one line", []analyze.StepSample{inLine(3), inLine(3)}, 3, 2},
		{"most at one line", []analyze.StepSample{inLine(3), inLine(4), inLine(3)}, 3, 2},
		{"all over the place", []analyze.StepSample{inLine(3), inLine(4), inLine(5), inLine(6)}, 9, 4},
		{"a generator expression on its own line", []analyze.StepSample{expr, expr, sample(caller)}, 9, 3},
	} {
		f, _, seen := agreed(c.samples)
		if f == nil || f.Line != c.line || seen != c.seen || f.Function == "<genexpr>" {
			t.Errorf("%s: %+v, %d", c.name, f, seen)
		}
	}
	if f, _, _ := agreed([]analyze.StepSample{{Stack: stack(site("lib", "read"), handle)}}); f != nil {
		t.Errorf("%+v is no line of the program", f)
	}
}

func TestLibraryCall(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"/usr/lib/python3.12/subprocess.py", "subprocess.f"},
		{"/opt/venv/lib/python3.9/site-packages/requests/api.py", "requests.api.f"},
		{"/opt/venv/lib/python3.9/site-packages/psycopg2/__init__.py", "psycopg2.f"},
		{"/somewhere/else.py", "else.f"},
		{"/usr/lib/python3/dist-packages/yaml/__init__.py", "yaml.f"},
		{"/home/u/.pyenv/versions/3.8.18/lib/python3.8/urllib/request.py", "urllib.request.f"},
	} {
		if got := libraryCall(analyze.Frame{File: c.file, Function: "f", Qualname: "f"}); got != c.want {
			t.Errorf("%s: %s, want %s", c.file, got, c.want)
		}
	}
}
