package analyze

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

var update = flag.Bool("update", false, "rewrite the facts of the golden traces")

// TestGoldenTraces builds the facts of recorded traces. Each archive has the program (app.py), its trace in text form
// (looptrace events, with the paths of the recording machine replaced by /app and /usr/lib) and the facts.
func TestGoldenTraces(t *testing.T) {
	files, err := filepath.Glob("../testdata/traces/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden traces", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var trace, facts *txtar.File
	for i := range ar.Files {
		switch ar.Files[i].Name {
		case "trace":
			trace = &ar.Files[i]
		case "facts":
			facts = &ar.Files[i]
		}
	}
	if trace == nil || facts == nil {
		t.Skip("no trace or no facts")
	}
	src, err := tracefile.ReadText(bytes.NewReader(trace.Data))
	if err != nil {
		t.Fatal(err)
	}
	run, err := Build(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkRun(t, run)
	got := []byte(dump(run))
	if *update {
		facts.Data = got
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(facts.Data), string(got)); diff != "" {
		t.Errorf("facts differ (-want +got); if the new ones are right, run with -update:\n%s", diff)
	}
}

// dumper spells out facts for people to review: without times, which tell nothing, but in order.
type dumper struct{ strings.Builder }

func dump(run *Run) string {
	var d dumper
	for _, p := range run.Processes {
		d.process(p)
	}
	for _, t := range run.Tests {
		d.line("test %d of %s %q: class %q function %q at %s:%d", t.ID, t.Runner, t.Name, t.Class, t.Function, t.File, t.Line)
	}
	for _, c := range run.Closes {
		d.close(c)
	}
	for _, t := range run.Tasks {
		d.task(t)
	}
	for _, sc := range run.Folded {
		d.line("site %s%s: %d spawned, %d returned, %d raised, %d cancelled", sc.Site.Coro, at(sc.Site.At), sc.Spawned, sc.Returned, sc.Raised, sc.Cancelled)
	}
	h := run.Health
	d.line("health: complete %v, dropped %d, truncated %v %q", h.Complete, h.Dropped, h.Truncated, h.Notes)
	return d.String()
}

func (d *dumper) line(format string, args ...any) {
	fmt.Fprintf(d, format+"\n", args...)
}

func at(f *Frame) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf(" at %s:%d in %s", strings.TrimPrefix(f.File, "/app/"), f.Line, f.Qualname)
}

func label(t *Task) string {
	if t == nil {
		return "-"
	}
	return fmt.Sprintf("%d/%s", t.ID, t.Name)
}

func (d *dumper) process(p *Process) {
	role := "child"
	if p.Main {
		role = "main"
	}
	d.line("process %d %s, %s by %s", p.ID, role, p.Runtime, p.Recorder)
	for _, s := range p.Signals {
		d.line("  signal %d %s", s.Number, s.Name)
	}
	for _, l := range p.Loops {
		d.loop(l)
	}
	d.faults(p)
	x := p.Exit
	code := "unknown"
	if x.Code != nil {
		code = fmt.Sprint(*x.Code)
	}
	d.line("  exit %q code %s signal %d, observed %v, live exact %v, task %s%s", x.Reason, code, x.Signal, x.Observed, x.LiveExact, label(x.Task), x.Uncaught)
	d.lives(x.Live)
}

func (d *dumper) loop(l *Loop) {
	inherited := ""
	if l.Inherited != nil {
		inherited = fmt.Sprintf(", inherited %d", l.Inherited.ID)
	}
	d.line("  loop %d %s on %s%s%s, closed %v", l.ID, l.Class, l.Thread, at(l.At), inherited, l.ClosedBy != nil)
	for _, r := range l.Runs {
		d.line("    run %s on %s%s target %s done %v stopped %v ended %v %s", r.API, r.Thread, at(r.At), label(r.Target), r.TargetDone, r.Stopped, r.EndNS != 0, r.Exception)
	}
	for _, s := range l.Stops {
		d.line("    stop by %s on %s%s signal %d, target pending %v", label(s.Task), s.Thread, at(s.At), s.Signal, s.TargetPending)
	}
	for _, s := range l.Shutdowns {
		d.line("    shutdown%s ended %v", at(s.At), s.EndNS != 0)
		d.lives(s.Live)
	}
	for _, w := range l.Waits {
		var left []string
		for _, t := range w.Left {
			left = append(left, label(t))
		}
		d.line("    wait by %s%s timed out %v left %v", label(w.Caller), at(w.At), w.TimedOut, left)
	}
}

func (d *dumper) close(c *Close) {
	d.line("close %d of loop %d: %s by %s on %s%s, implicit %v, signal %d, running %v, other process %v", c.Index, c.Loop.ID, c.Outcome,
		label(c.Task), c.Thread, at(c.At), c.Implicit, c.Signal, c.Running, c.OtherProcess)
	if h := c.Handling; h != nil {
		d.line("  handling %s%s", h.Type, at(h.At))
	}
	d.lives(c.Live)
}

func (d *dumper) lives(list []*Live) {
	for _, l := range list {
		d.line("    live %s %s%s on %s %s, by %v, cancels %d, steps since %d, must cancel %v", label(l.Task), l.State, at(l.At), l.On.Kind,
			label(l.On.Task), l.AwaitedBy, l.CancelsSoFar, l.StepsSinceCancel, l.MustCancel)
	}
}

func (d *dumper) task(t *Task) {
	via := ""
	if t.Site.Via != "" {
		via = " via " + t.Site.Via
	}
	if t.Site.Gather {
		via += " by gather"
	}
	if t.Inherited != nil {
		via += fmt.Sprintf(", inherited %d", t.Inherited.ID)
	}
	if t.Test != nil {
		via += fmt.Sprintf(" in test %d%s", t.Test.ID, strings.TrimRight(" "+t.Fixture, " "))
	}
	exception := ""
	if t.Exception != nil {
		exception = " " + t.Exception.Type
	}
	d.line("task %s %s%s%s, parent %s, %d steps, %s%s, shielded %v, at shutdown %v, in a run %v", label(t), t.Site.Coro, at(t.Site.At), via, label(t.Parent),
		t.Steps, t.Outcome, exception, t.Shielded != nil, t.CancelledAtShutdown != nil, t.SpawnRun != nil)
	for _, c := range t.Cancels {
		d.line("  cancel by %s%s, %d steps after, ignored %d", label(c.By), at(c.At), c.StepsAfter, len(c.Ignored))
	}
}
