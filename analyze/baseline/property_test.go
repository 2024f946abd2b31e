package baseline

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/analyze"
)

// drawn returns random findings of a few identities, processes, tests and severities.
func drawn(t *rapid.T) []analyze.Finding {
	main := process()
	processes := []*analyze.Process{main, {Cwd: "/", Forked: true, Parent: main}, {Cwd: "/srv/other", Version: [3]int{3, 8, 0}}}
	tests := []*analyze.Test{{Name: "t.py::one"}, {Name: "t.py::two"}}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) analyze.Finding {
		p := rapid.SampledFrom(processes).Draw(t, "process")
		f := at(p, rapid.SampledFrom(ruleIDs).Draw(t, "rule"), rapid.SampledFrom([]string{"main", "A.main", "B.main", "<listcomp>", "f\xff"}).Draw(t, "function"), rapid.IntRange(1, 99).Draw(t, "line"))
		if p.Forked {
			f.At.File = "/srv/app/app.py"
		}
		if rapid.IntRange(0, 4).Draw(t, "nowhere") == 0 {
			f.At = nil
		}
		f.Severity = rapid.SampledFrom([]analyze.Severity{analyze.Error, analyze.Warning, analyze.Note}).Draw(t, "severity")
		for _, coro := range rapid.SliceOfN(rapid.SampledFrom([]string{"poll", "fetch", "send\xff"}), 0, 2).Draw(t, "coros") {
			f.Tasks = append(f.Tasks, &analyze.Task{Site: &analyze.Site{Coro: coro}})
		}
		f.Tests = rapid.SliceOfNDistinct(rapid.SampledFrom(tests), 0, 2, rapid.ID).Draw(t, "tests")
		return f
	}), 0, 12).Draw(t, "findings")
}

// A baseline that was made from a result accepts all of it and has nothing stale, whatever the order; making it again changes
// nothing; and every update accepts all that it was made from.
func TestBaselineOfAResultAcceptsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		found := drawn(t)
		base := made(t, found...)
		shuffled := rapid.Permutation(found).Draw(t, "shuffled")
		res := result(shuffled...)
		base.Apply(res)
		if len(res.Findings) > 0 || len(res.Unused) > 0 || len(res.Silenced) != len(found) {
			t.Fatalf("%d new, %d stale, %d silenced of %d", len(res.Findings), len(res.Unused), len(res.Silenced), len(found))
		}
		again, change := Update(base, result(found...))
		if change.Added != 0 || change.Gone != 0 || !cmp.Equal(again.Entries, base.Entries) {
			t.Fatalf("%+v\n%s", change, cmp.Diff(base.Entries, again.Entries))
		}
		others := drawn(t)
		next, _ := Update(base, result(others...))
		if lines, _ := left(reread(t, next), others...); len(lines) > 0 {
			t.Fatalf("an update leaves %v new", lines)
		}
	})
}

// Of one process, without tests and with names that are certain, a baseline of some findings accepts as many of each identity
// as it was made from, and leaves the rest new.
func TestBaselineOfSomeLeavesTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := process()
		var all, some []analyze.Finding
		inAll, inSome := map[analyze.Identity]int{}, map[analyze.Identity]int{}
		for i := range rapid.IntRange(0, 15).Draw(t, "n") {
			f := at(p, rapid.SampledFrom(ruleIDs).Draw(t, "rule"), rapid.SampledFrom([]string{"main", "A.run", "B.run"}).Draw(t, "function"), i)
			all = append(all, f)
			inAll[analyze.IdentityOf(&f)]++
			if rapid.Bool().Draw(t, "known") {
				some = append(some, f)
				inSome[analyze.IdentityOf(&f)]++
			}
		}
		res := result(all...)
		made(t, some...).Apply(res)
		for id, n := range inAll {
			fresh := 0
			for i := range res.Findings {
				if analyze.IdentityOf(&res.Findings[i]) == id {
					fresh++
				}
			}
			if fresh != n-inSome[id] {
				t.Fatalf("%+v: %d new of %d, %d known", id, fresh, n, inSome[id])
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add(`{"schema": "looptrace.baseline/v1", "findings": [{"rule": "deadlock", "path": "a.py", "function": "f", "test": "t", "coroutines": ["b", "a", "b"], "count": 2}]}`)
	f.Add(`{"schema": "looptrace.baseline/v1", "findings": [{"rule": "deadlock", "path": "", "function": "\ud800", "count": 1, "fingerprint": ""}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		read, err := Read(strings.NewReader(text), "base", ruleIDs)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("%v has no place", err)
			}
			return
		}
		again := reread(t, read)
		if len(again.Entries) != len(read.Entries) {
			t.Fatalf("%d entries, %d when read again", len(read.Entries), len(again.Entries))
		}
		again.Apply(result(at(process(), "deadlock", "f", 1)))
	})
}
