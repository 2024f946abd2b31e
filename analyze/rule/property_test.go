package rule

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"pgregory.net/rapid"
)

// faults are runs that each have one fault or none; a drawn world has some of them one after the other.
func faults() []func(w *world) {
	return []func(w *world){
		left("", nil),
		left(keyboardInterrupt, nil),
		left("ValueError", nil),
		left("", func(w *world, _ *analyze.Close, l *analyze.Live) { w.cancel(l, 0) }),
		left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.State = "not-started" }),
		func(w *world) { lp := w.loop(); w.refuses(lp, w.task(lp, "main", "main")) },
		func(w *world) { w.ran(w.loop(), "") },
		func(w *world) { lp := w.loop(); w.ran(lp, ""); w.closed(lp) },
		func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			f := at(15, "get", "self.loop.create_task(x())")
			w.closed(lp)
			w.p.Uses = append(w.p.Uses, analyze.UseAfterClose{TimeNS: w.tick(), Loop: lp, Stack: stack(f), At: &f})
		},
	}
}

func drawWorld(t *rapid.T) func() *world {
	all := faults()
	picks := rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 0, 6).Draw(t, "picks")
	minor := rapid.IntRange(8, 14).Draw(t, "minor")
	return func() *world {
		w := newWorld(minor)
		for _, i := range picks {
			all[i](w)
		}
		return w
	}
}

// essence is what of the findings must not depend on ids and times.
func essence(found []analyze.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprint(f.Rule, f.Severity, f.Cause, f.Message, f.Fix, f.Fingerprint, f.Follows))
	}
	return out
}

func TestDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		build := drawWorld(t)
		run := build().run
		first := Check(run, "")
		if second := Check(run, ""); !reflect.DeepEqual(essence(first.Findings), essence(second.Findings)) {
			t.Fatal("a second check of the same run differs")
		}
		if other := Check(build().run, ""); !reflect.DeepEqual(essence(first.Findings), essence(other.Findings)) {
			t.Fatal("a check of an equal run differs")
		}
	})
}

func TestUnrelatedChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		build := drawWorld(t)
		want := essence(Check(build().run, "").Findings)
		w := build()
		if len(w.run.Loops) > 0 && rapid.Bool().Draw(t, "task") {
			w.done(w.run.Loops[rapid.IntRange(0, len(w.run.Loops)-1).Draw(t, "loop")], "bystander")
		}
		if rapid.Bool().Draw(t, "clean loop") {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
		}
		if got := essence(Check(w.run, "").Findings); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}

func TestFingerprintsAreUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]bool{}
		for _, f := range Check(drawWorld(t)().run, "").Findings {
			if seen[f.Fingerprint] {
				t.Fatalf("%s: fingerprint used twice", f.Rule)
			}
			seen[f.Fingerprint] = true
		}
	})
}

func TestFingerprintIgnoresLines(t *testing.T) {
	digest := func(shift int) string {
		w := newWorld(12)
		left("", func(_ *world, c *analyze.Close, _ *analyze.Live) { c.At.Line += shift })(w)
		return Check(w.run, "").Findings[0].Fingerprint
	}
	if digest(0) != digest(40) {
		t.Error("the fingerprint moves with the line")
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	place := map[string]int{}
	for i, r := range All() {
		place[r.ID] = i
	}
	frame := rapid.Custom(func(t *rapid.T) *analyze.Frame {
		if rapid.Bool().Draw(t, "nil") {
			return nil
		}
		f := at(rapid.IntRange(1, 3).Draw(t, "line"), "f", "")
		return &f
	})
	finding := rapid.Custom(func(t *rapid.T) analyze.Finding {
		return analyze.Finding{
			Rule:     All()[rapid.IntRange(0, len(All())-1).Draw(t, "rule")].ID,
			Severity: rapid.SampledFrom([]analyze.Severity{analyze.Error, analyze.Warning, analyze.Note}).Draw(t, "severity"),
			At:       frame.Draw(t, "at"),
			Process:  &analyze.Process{ID: rapid.IntRange(1, 2).Draw(t, "process")},
			Evidence: []analyze.Evidence{{TimeNS: rapid.Int64Range(-1, 2).Draw(t, "time")}},
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := finding.Draw(t, "a"), finding.Draw(t, "b"), finding.Draw(t, "c")
		if compare(place, &a, &b) != -compare(place, &b, &a) {
			t.Fatal("not antisymmetric")
		}
		if compare(place, &a, &b) <= 0 && compare(place, &b, &c) <= 0 && compare(place, &a, &c) > 0 {
			t.Fatal("not transitive")
		}
	})
}
