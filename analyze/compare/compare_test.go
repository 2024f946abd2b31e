package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
)

// program builds a run by hand.
type program struct{ res analyze.Result }

func newProgram(cwds ...string) *program {
	p := &program{res: analyze.Result{Run: &analyze.Run{}}}
	for i, cwd := range cwds {
		p.res.Run.Processes = append(p.res.Run.Processes, &analyze.Process{
			ID: i + 1, PID: 100 + i, Main: i == 0, Cwd: cwd, Version: [3]int{3, 13, 0}, Argv: []string{"python3", "app.py"},
		})
	}
	return p
}

// finding adds a finding in process i, at a function of its app.py.
func (p *program) finding(i int, rule, function string, tasks int) *analyze.Finding {
	proc := p.res.Run.Processes[i]
	f := analyze.Finding{
		Rule: rule, Severity: analyze.Error, Process: proc, Message: "it is wrong", Tasks: make([]*analyze.Task, tasks),
		At: &analyze.Frame{File: proc.Origin().Cwd + "/app.py", Line: 7, Function: function, Qualname: function},
	}
	p.res.Findings = append(p.res.Findings, f)
	return &p.res.Findings[len(p.res.Findings)-1]
}

func (p *program) site(i int, coro, function string, spawned int, busyNS int64) {
	proc := p.res.Run.Processes[i]
	p.res.Run.Folded = append(p.res.Run.Folded, analyze.SiteCount{
		Process: proc, Spawned: spawned, Returned: spawned, BusyNS: busyNS,
		Site: &analyze.Site{Coro: coro, At: &analyze.Frame{File: proc.Origin().Cwd + "/app.py", Line: len(p.res.Run.Folded), Function: function, Qualname: function}},
	})
}

// diff compares two programs and writes down what differs.
func diff(a, b *program) string {
	r := Runs(Of(&a.res), Of(&b.res), Options{MinChange: 1.5})
	var out []string
	for _, f := range r.Added {
		out = append(out, "new "+f.Identity.Function)
	}
	for _, f := range r.Gone {
		word := "gone "
		if f.Accepted {
			word = "accepted "
		}
		out = append(out, word+f.Identity.Function)
	}
	for _, c := range r.Changed {
		out = append(out, "changed "+c.New.Identity.Function+" "+strings.Join(c.What, "+"))
	}
	for _, s := range r.Sites {
		out = append(out, fmt.Sprintf("site %s %d %d", s.Site().Coro, s.OldCounts().Spawned, s.NewCounts().Spawned))
	}
	if r.Same > 0 {
		out = append(out, fmt.Sprintf("same %d", r.Same))
	}
	return strings.Join(out, ", ")
}

func TestFindings(t *testing.T) {
	type change func(a, b *program)
	for name, c := range map[string]struct {
		old, fresh []string
		change     change
		want       string
	}{
		"nothing":      {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) {}, ""},
		"the same":     {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 1) }, "same 1"},
		"moved":        {[]string{"/srv/app"}, []string{"/builds/7"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 1).At.Line = 70 }, "same 1"},
		"new":          {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 1); b.finding(0, "r", "f", 2) }, "new f, same 1"},
		"gone":         {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "g", 1) }, "new g, gone f"},
		"another rule": {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "q", "f", 1); b.finding(0, "r", "f", 1) }, "new f, gone f"},
		"severity":     {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 1).Severity = analyze.Note }, "changed f severity"},
		"cause, tasks": {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 2).Cause = "c" }, "changed f cause+tasks"},
		"message":      {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1).Message = "x"; b.finding(0, "r", "f", 1).Message = "y" }, "changed f message"},
		"timing noise": {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) {
			a.finding(0, "r", "f", 1).Message = "it held the loop for 312 ms"
			b.finding(0, "r", "f", 1).Message = "it held the loop for 1.04 s"
		}, "same 1"},
		"the likest": {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) { a.finding(0, "r", "f", 1); a.finding(0, "r", "f", 3); b.finding(0, "r", "f", 3) }, "gone f, same 1"},
		"accepted": {[]string{"/srv/app"}, []string{"/srv/app"}, func(a, b *program) {
			f := a.finding(0, "r", "f", 1)
			b.res.Silenced = []analyze.Silenced{{Finding: *f}}
		}, "accepted f"},
		"another worker": {[]string{"/srv", "/srv"}, []string{"/srv", "/srv"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(1, "r", "f", 1) }, "same 1"},
		// Two programs of one name are not one, wherever they are; nor if both have moved.
		"other directory":  {[]string{"/x/a", "/x/b"}, []string{"/x/a", "/x/b"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(1, "r", "f", 1) }, "new f, gone f"},
		"both moved":       {[]string{"/x/a", "/x/b"}, []string{"/y/b", "/y/a"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(0, "r", "f", 1) }, "new f, gone f"},
		"both moved, same": {[]string{"/x/a", "/x/b"}, []string{"/y/b", "/y/a"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(1, "r", "f", 1) }, "same 1"},
		"new directory":    {[]string{"/x/a"}, []string{"/x/a", "/x/b"}, func(a, b *program) { a.finding(0, "r", "f", 1); b.finding(1, "r", "f", 1) }, "new f, gone f"},
	} {
		a, b := newProgram(c.old...), newProgram(c.fresh...)
		c.change(a, b)
		if got := diff(a, b); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A Python before 3.11 names methods without their class.
func TestOldPython(t *testing.T) {
	a, b := newProgram("/srv"), newProgram("/srv")
	b.res.Run.Processes[0].Version = [3]int{3, 9, 0}
	a.finding(0, "r", "Bot.stop", 1)
	b.finding(0, "r", "stop", 1)
	a.site(0, "poll", "Bot.start", 3, 0)
	b.site(0, "poll", "start", 3, 0)
	if got := diff(a, b); got != "same 1" {
		t.Error(got)
	}
	a.finding(0, "r", "Web.stop", 1) // nothing says which one it is, so the order does
	if got := diff(a, b); got != "gone Web.stop, same 1" {
		t.Error(got)
	}
	b.finding(0, "r", "Top.stop", 1) // a coroutine's full name is known
	if got := diff(a, b); got != "new Top.stop, gone Web.stop, same 1" {
		t.Error(got)
	}
	a, b = newProgram("/srv"), newProgram("/srv")
	b.res.Run.Processes[0].Version = [3]int{3, 9, 0}
	a.finding(0, "r", "main", 1)
	b.finding(0, "r", "<listcomp>", 1)
	if got := diff(a, b); got != "same 1" {
		t.Error(got)
	}
}

func TestSites(t *testing.T) {
	const ms = 1_000_000
	a, b := newProgram("/srv/app"), newProgram("/builds/7")
	a.site(0, "same", "f", 3, 10*ms)
	b.site(0, "same", "f", 3, 14*ms) // 1.4 times: noise
	a.site(0, "short", "f", 3, 1000)
	b.site(0, "short", "f", 3, 900_000) // 900 times, but nothing
	a.site(0, "busier", "f", 3, 10*ms)
	b.site(0, "busier", "f", 3, 30*ms)
	a.site(0, "lines", "f", 1, 0) // two lines of one function are one site
	a.site(0, "lines", "f", 2, 0)
	b.site(0, "lines", "f", 3, 0)
	a.site(0, "more", "f", 3, 0)
	b.site(0, "more", "f", 30, 0)
	a.site(0, "gone", "f", 1, 0)
	b.site(0, "fresh", "g", 2, 90*ms)
	if got, want := diff(a, b), "site fresh 0 2, site busier 3 3, site more 3 30, site gone 1 0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// A result that does not tell where tasks were spawned has none that differ.
	a.res.Run.Folded = nil
	a.res.Run.Tasks = []*analyze.Task{{}}
	if got := diff(a, b); got != "" {
		t.Error(got)
	}
}

func TestShape(t *testing.T) {
	for _, pair := range [][2]string{
		{"2 tasks (Task-2 and Task-3) were dropped", "12 tasks (Task-2, Task-7 and mail) were dropped"},
		{"a step of Task-1 held the loop for 1.25 s at app.py:12", "a step of Task-9 held the loop for 900 ms at app.py:47"},
		{"process 4711: it was killed", "process 9: it was killed"},
		{"it failed; the same 1 more time", "it failed"},
		{"it failed; the same 12 more times", "it failed; the same 2 more times"},
	} {
		if a, b := shape(pair[0]), shape(pair[1]); a != b {
			t.Errorf("%q and %q have shapes %q and %q", pair[0], pair[1], a, b)
		}
	}
	if shape("the task was cancelled") == shape("the task was dropped") {
		t.Error("two messages have one shape")
	}
}

// A sum of what a damaged report claims is never negative.
func TestTotalsSaturate(t *testing.T) {
	const most = int(^uint(0) >> 1)
	a := newProgram("/srv")
	a.site(0, "x", "f", most, int64(most))
	a.site(0, "x", "f", most, int64(most))
	a.site(0, "y", "g", most, int64(most))
	s := Of(&a.res)
	if s.Totals.Tasks != most || s.Totals.BusyNS != int64(most) || s.Sites[0].Counts.Unended() < 0 {
		t.Errorf("%+v", s.Totals)
	}
}

func drawProgram(t *rapid.T, label string) *program {
	cwds := rapid.SliceOfN(rapid.SampledFrom([]string{"/srv/app", "/srv/web", "/builds/7/app", ""}), 1, 3).Draw(t, label+" cwds")
	p := newProgram(cwds...)
	for i := range p.res.Run.Processes {
		p.res.Run.Processes[i].Version[1] = rapid.SampledFrom([]int{9, 13}).Draw(t, "version")
	}
	index := rapid.IntRange(0, len(cwds)-1)
	function := rapid.SampledFrom([]string{"main", "A.main", "<listcomp>", "stop"})
	for range rapid.IntRange(0, 6).Draw(t, "findings") {
		f := p.finding(index.Draw(t, "process"), rapid.SampledFrom([]string{"deadlock", "task-leak"}).Draw(t, "rule"), function.Draw(t, "function"), rapid.IntRange(0, 2).Draw(t, "tasks"))
		f.Severity = rapid.SampledFrom([]analyze.Severity{analyze.Error, analyze.Warning, analyze.Note}).Draw(t, "severity")
		f.Cause = rapid.SampledFrom([]string{"", "a"}).Draw(t, "cause")
		f.Message = rapid.SampledFrom([]string{"it took 3 ms", "it took 4 ms", "it went"}).Draw(t, "message")
		if rapid.IntRange(0, 5).Draw(t, "nowhere") == 0 {
			f.At = nil
			f.Tasks = nil
		}
	}
	for range rapid.IntRange(0, 5).Draw(t, "sites") {
		p.site(index.Draw(t, "process"), rapid.SampledFrom([]string{"poll", "send"}).Draw(t, "coro"), function.Draw(t, "function"), rapid.IntRange(1, 3).Draw(t, "spawned"), rapid.Int64Range(0, 4_000_000).Draw(t, "busy"))
	}
	return p
}

// Nothing differs between a run and itself.
func TestSelf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t, "run")
		r := Runs(Of(&p.res), Of(&p.res), Options{MinChange: 1})
		if len(r.Added)+len(r.Gone)+len(r.Changed)+len(r.Sites) > 0 || r.Same != len(p.res.Findings) || r.Alike != len(r.Old.Sites) {
			t.Fatalf("%d new, %d gone, %d changed, %d sites, %d same", len(r.Added), len(r.Gone), len(r.Changed), len(r.Sites), r.Same)
		}
	})
}

// What is new in one direction is gone in the other, and what is changed is changed back.
func TestMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawProgram(t, "old"), drawProgram(t, "new")
		o := Options{MinChange: rapid.SampledFrom([]float64{1, 1.5, 4}).Draw(t, "least change")}
		x, y := Of(&a.res), Of(&b.res)
		there, back := Runs(x, y, o), Runs(y, x, o)
		var gone, goneBack []*Finding
		for _, g := range there.Gone {
			gone = append(gone, g.Finding)
		}
		for _, g := range back.Gone {
			goneBack = append(goneBack, g.Finding)
		}
		if !slices.Equal(there.Added, goneBack) || !slices.Equal(back.Added, gone) || there.Same != back.Same || there.Alike != back.Alike {
			t.Fatalf("%d new and %d gone, back %d and %d", len(there.Added), len(gone), len(back.Added), len(goneBack))
		}
		pairs := map[[2]*Finding]string{}
		for _, c := range there.Changed {
			pairs[[2]*Finding{c.Old, c.New}] = fmt.Sprint(c.What)
		}
		for _, c := range back.Changed {
			if pairs[[2]*Finding{c.New, c.Old}] != fmt.Sprint(c.What) {
				t.Fatalf("changed back: %v", c.What)
			}
		}
		sites := map[[2]*Site]bool{}
		for _, s := range there.Sites {
			sites[[2]*Site{s.Old, s.New}] = s.Counts
		}
		for _, s := range back.Sites {
			if counts, ok := sites[[2]*Site{s.New, s.Old}]; !ok || counts != s.Counts {
				t.Fatalf("a site differs in one direction only: %+v", s.Site())
			}
		}
		if len(there.Changed) != len(back.Changed) || len(there.Sites) != len(back.Sites) {
			t.Fatalf("%d and %d changed, %d and %d sites", len(there.Changed), len(back.Changed), len(there.Sites), len(back.Sites))
		}
		if len(there.Added)+len(there.Changed)+there.Same != len(y.Findings) || len(there.Gone)+len(there.Changed)+there.Same != len(x.Findings) {
			t.Fatal("a finding is missing")
		}
	})
}
