package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/looptrace/looptrace/analyze"
)

var ruleIDs = []string{"pending-at-close", "deadlock", "killed-by-signal"}

// at is a finding at a line of a function of app.py in process p.
func at(p *analyze.Process, rule, function string, line int) analyze.Finding {
	return analyze.Finding{
		Rule: rule, Severity: analyze.Error, Process: p,
		At: &analyze.Frame{File: p.Cwd + "/app.py", Line: line, Function: function[strings.LastIndexByte(function, '.')+1:], Qualname: function},
	}
}

func process() *analyze.Process {
	return &analyze.Process{Cwd: "/srv/app", Version: [3]int{3, 13, 0}, Argv: []string{"python3", "app.py"}}
}

func result(found ...analyze.Finding) *analyze.Result {
	run := &analyze.Run{Health: analyze.Health{Complete: true}}
	for i := range found {
		if p := found[i].Process; p != nil && !slices.Contains(run.Processes, p) {
			run.Processes = append(run.Processes, p)
		}
		for _, t := range found[i].Tests {
			if !slices.Contains(run.Tests, t) {
				run.Tests = append(run.Tests, t)
			}
		}
	}
	if len(run.Processes) == 0 {
		run.Processes = append(run.Processes, process())
	}
	rules := []analyze.RuleInfo{{ID: "pending-at-close", PerTask: true}}
	return &analyze.Result{Run: run, Findings: slices.Clone(found), Rules: rules}
}

func made(t interface{ Fatal(...any) }, found ...analyze.Finding) *File {
	f, _ := Update(nil, result(found...))
	return reread(t, f)
}

// reread writes a baseline and reads it again.
func reread(t interface{ Fatal(...any) }, f *File) *File {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&b, "base", ruleIDs)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// left applies a baseline and returns the lines of the findings that are new, and how many findings are stale.
func left(f *File, found ...analyze.Finding) (lines []int, stale int) {
	res := result(found...)
	f.Apply(res)
	for _, g := range res.Findings {
		line := 0
		if g.At != nil {
			line = g.At.Line
		}
		lines = append(lines, line)
	}
	for _, u := range res.Unused {
		stale += u.Left
	}
	return lines, stale
}

func TestCountsNotLines(t *testing.T) {
	p := process()
	base := made(t, at(p, "deadlock", "main", 5), at(p, "deadlock", "main", 9), at(p, "deadlock", "Bot.stop", 20))
	for name, c := range map[string]struct {
		found []analyze.Finding
		lines []int
		stale int
	}{
		"the same":            {[]analyze.Finding{at(p, "deadlock", "main", 5), at(p, "deadlock", "main", 9), at(p, "deadlock", "Bot.stop", 20)}, nil, 0},
		"moved":               {[]analyze.Finding{at(p, "deadlock", "main", 105), at(p, "deadlock", "main", 1), at(p, "deadlock", "Bot.stop", 2)}, nil, 0},
		"one more":            {[]analyze.Finding{at(p, "deadlock", "main", 5), at(p, "deadlock", "main", 9), at(p, "deadlock", "main", 12)}, []int{12}, 1},
		"another rule":        {[]analyze.Finding{at(p, "pending-at-close", "main", 5)}, []int{5}, 3},
		"another class":       {[]analyze.Finding{at(p, "deadlock", "Web.stop", 20)}, []int{20}, 3},
		"none":                {nil, nil, 3},
		"another directory":   {[]analyze.Finding{at(&analyze.Process{Cwd: "/builds/1"}, "deadlock", "main", 5)}, nil, 2},
		"a function that was": {[]analyze.Finding{at(p, "deadlock", "stop", 20)}, []int{20}, 3},
	} {
		if lines, stale := left(base, c.found...); !slices.Equal(lines, c.lines) || stale != c.stale {
			t.Errorf("%s: %v new, %d stale; want %v, %d", name, lines, stale, c.lines, c.stale)
		}
	}
}

// What goes beyond the count is the most severe of the findings: nobody has accepted that.
func TestMostSevereIsNew(t *testing.T) {
	p := process()
	warning := at(p, "deadlock", "main", 9)
	warning.Severity = analyze.Warning
	if lines, _ := left(made(t, warning), at(p, "deadlock", "main", 5), warning); !slices.Equal(lines, []int{5}) {
		t.Error(lines)
	}
}

// How many workers meet a fault is for the machine to decide; how often one of them does is the program's.
func TestWorkers(t *testing.T) {
	main := process()
	worker := func() *analyze.Process { return &analyze.Process{Cwd: "/", Forked: true, Parent: main} }
	killed := func(p *analyze.Process) analyze.Finding {
		return analyze.Finding{Rule: "killed-by-signal", Severity: analyze.Error, Process: p}
	}
	inApp := func(p *analyze.Process, line int) analyze.Finding {
		f := at(p, "deadlock", "main", line)
		f.At.File = "/srv/app/app.py"
		return f
	}
	a, b, c := worker(), worker(), worker()
	base := made(t, killed(a), killed(b), inApp(a, 5), inApp(b, 5))
	if len(base.Entries) != 2 || base.Entries[0].Count != 1 || base.Entries[1].Count != 1 {
		t.Errorf("%+v", base.Entries)
	}
	lines, stale := left(base, killed(a), killed(b), killed(c), inApp(c, 5), inApp(a, 6), inApp(a, 7))
	if !slices.Equal(lines, []int{7}) || stale != 0 {
		t.Errorf("%v new, %d stale", lines, stale)
	}
	// The same path below two directories is two files.
	here, there := process(), &analyze.Process{Cwd: "/srv/other"}
	if lines, _ := left(made(t, at(here, "deadlock", "main", 5)), at(here, "deadlock", "main", 5), at(there, "deadlock", "main", 8)); !slices.Equal(lines, []int{8}) {
		t.Error(lines)
	}
}

// Pythons before 3.11 know functions by their last names only.
func TestOldNames(t *testing.T) {
	old := &analyze.Process{Cwd: "/srv/app", Version: [3]int{3, 9, 1}}
	p := process()
	listcomp := at(old, "deadlock", "<listcomp>", 3)
	for name, c := range map[string]struct {
		base, found []analyze.Finding
		lines       []int
		stale       int
	}{
		"old reads new":      {[]analyze.Finding{at(p, "deadlock", "A.stop", 1), at(p, "deadlock", "B.stop", 2)}, []analyze.Finding{at(old, "deadlock", "stop", 1), at(old, "deadlock", "stop", 2), at(old, "deadlock", "stop", 3)}, []int{3}, 0},
		"new reads old":      {[]analyze.Finding{at(old, "deadlock", "stop", 1), at(old, "deadlock", "stop", 2)}, []analyze.Finding{at(p, "deadlock", "A.stop", 1), at(p, "deadlock", "B.stop", 2), at(p, "deadlock", "C.stop", 3)}, []int{3}, 0},
		"new is exact":       {[]analyze.Finding{at(p, "deadlock", "A.stop", 1)}, []analyze.Finding{at(p, "deadlock", "stop", 1)}, []int{1}, 1},
		"exact first":        {[]analyze.Finding{at(p, "deadlock", "stop", 1)}, []analyze.Finding{at(p, "deadlock", "A.stop", 2), at(p, "deadlock", "stop", 1)}, []int{2}, 0},
		"comprehension":      {[]analyze.Finding{at(p, "deadlock", "main", 3)}, []analyze.Finding{listcomp}, nil, 0},
		"comprehension back": {[]analyze.Finding{listcomp}, []analyze.Finding{at(p, "deadlock", "main", 3)}, nil, 0},
	} {
		if lines, stale := left(made(t, c.base...), c.found...); !slices.Equal(lines, c.lines) || stale != c.stale {
			t.Errorf("%s: %v new, %d stale; want %v, %d", name, lines, stale, c.lines, c.stale)
		}
	}
}

// A finding of several tests is known if it is for each of them.
func TestTests(t *testing.T) {
	p := process()
	one, two, three := &analyze.Test{Name: "t.py::one"}, &analyze.Test{Name: "t.py::two"}, &analyze.Test{Name: "t.py::three"}
	of := func(tests ...*analyze.Test) analyze.Finding {
		f := at(p, "deadlock", "helper", 5)
		f.Tests = tests
		return f
	}
	base := made(t, of(one, two))
	if len(base.Entries) != 2 || base.Entries[0].Test != "t.py::one" || base.Entries[1].Test != "t.py::two" {
		t.Errorf("%+v", base.Entries)
	}
	for name, c := range map[string]struct {
		found []analyze.Finding
		lines []int
		stale int
	}{
		"both":          {[]analyze.Finding{of(two, one)}, nil, 0},
		"one by one":    {[]analyze.Finding{of(two), of(one)}, nil, 0},
		"a third":       {[]analyze.Finding{of(one, two, three)}, []int{5}, 0},
		"two did't run": {[]analyze.Finding{of(one)}, nil, 0},
		"of no test":    {[]analyze.Finding{of()}, []int{5}, 0},
	} {
		if lines, stale := left(base, c.found...); !slices.Equal(lines, c.lines) || stale != c.stale {
			t.Errorf("%s: %v new, %d stale; want %v, %d", name, lines, stale, c.lines, c.stale)
		}
	}
	// An update without the second test keeps what is known of it; with it, and clean, it goes.
	res := result(of(one))
	next, change := Update(base, res)
	if want := (Change{Total: 2, Kept: 1}); change != want || len(next.Entries) != 2 {
		t.Errorf("%+v, %d entries", change, len(next.Entries))
	}
	res.Run.Tests = append(res.Run.Tests, two)
	next, change = Update(base, res)
	if want := (Change{Total: 1, Gone: 1}); change != want || len(next.Entries) != 1 {
		t.Errorf("%+v, %d entries", change, len(next.Entries))
	}
}

func TestUpdateKeepsWhatWasNotJudged(t *testing.T) {
	p := process()
	base := made(t, at(p, "deadlock", "main", 5), at(p, "pending-at-close", "main", 9))
	for name, c := range map[string]struct {
		change func(*analyze.Run)
		want   Change
	}{
		"whole":      {func(*analyze.Run) {}, Change{Gone: 2}},
		"incomplete": {func(r *analyze.Run) { r.Health.Complete = false }, Change{Total: 2, Kept: 2}},
		"undecided":  {func(r *analyze.Run) { r.Health.Undecided = []string{"deadlock"} }, Change{Total: 1, Kept: 1, Gone: 1}},
		"nothing":    {func(r *analyze.Run) { r.Processes = nil }, Change{Total: 2, Kept: 2}},
	} {
		res := result()
		c.change(res.Run)
		before := fmt.Sprint(base.Entries)
		next, got := Update(base, res)
		if got != c.want || len(next.Entries) != c.want.Total {
			t.Errorf("%s: %+v, want %+v: %+v", name, got, c.want, next.Entries)
		}
		if fmt.Sprint(base.Entries) != before {
			t.Errorf("%s: the old baseline was changed", name)
		}
		next.Apply(res)
		if len(res.Unused) > 0 {
			t.Errorf("%s: %+v", name, res.Unused)
		}
	}
	_, change := Update(base, result(at(p, "deadlock", "main", 7), at(p, "deadlock", "main", 8)))
	if want := (Change{Total: 2, Added: 1, Gone: 1}); change != want {
		t.Errorf("%+v", change)
	}
}

func TestRead(t *testing.T) {
	const good = `{"schema": "looptrace.baseline/v1", "findings": [` + "\n" + `{"rule": "deadlock", "path": "a.py", "function": "f", "count": 2}]}`
	if f, err := Read(strings.NewReader(good), "base", ruleIDs); err != nil || len(f.Entries) != 1 || f.Entries[0].Line != 2 || f.Entries[0].Count != 2 {
		t.Errorf("%+v %v", f, err)
	}
	for text, want := range map[string]string{
		"":                                   "base:1:1: it ends too early",
		"[]":                                 "base:1:1: a baseline is not an object",
		"{}":                                 `base:1:1: no baseline: it has no "schema"`,
		"nope":                               "base:1:1: no JSON: invalid character 'o' in literal null (expecting 'u')",
		good[:40]:                            "base:1:41: it ends too early",
		good + "\n{}":                        "base:3:1: something follows the end",
		good + "\n\n ]":                      "base:4:2: something follows the end",
		strings.Replace(good, "v1", "v2", 1): `base:1:12: the schema is "looptrace.baseline/v2", not "looptrace.baseline/v1": another version of looptrace wrote it`,
		strings.Replace(good, `"findings"`, `"found"`, 1):         `base:1:37: there is no key "found" in a baseline`,
		strings.Replace(good, `[`, `{`, 1):                        `base:1:49: findings is not a list`,
		strings.Replace(good, `"deadlock"`, `"dead"`, 1):          `base:2:10: there is no rule "dead"`,
		strings.Replace(good, `"deadlock"`, `7`, 1):               `base:2:10: rule is no string`,
		strings.Replace(good, `"deadlock"`, `{}`, 1):              `base:2:10: rule is no string`,
		strings.Replace(good, `2}`, `0}`, 1):                      "base:2:64: count is no whole number from 1 to 1000000",
		strings.Replace(good, `2}`, `1.0}`, 1):                    "base:2:64: count is no whole number from 1 to 1000000",
		strings.Replace(good, `2}`, `"2"}`, 1):                    "base:2:64: count is no whole number from 1 to 1000000",
		strings.Replace(good, `2}`, `2e9}`, 1):                    "base:2:64: count is no whole number from 1 to 1000000",
		strings.Replace(good, `, "count": 2`, ``, 1):              `base:2:1: the entry has no "count"`,
		strings.Replace(good, `"path"`, `"Path"`, 1):              `base:2:22: there is no key "Path" in an entry`,
		strings.Replace(good, `"path"`, `"rule"`, 1):              `base:2:22: "rule" comes twice`,
		strings.Replace(good, `2}`, `2, "fingerprint": "x"}`, 1):  `base:2:82: fingerprint is none`,
		strings.Replace(good, `]}`, ",\n"+good[len(good)-67:], 1): `base:3:1: the entry of line 2 again: make one of them, with the sum of their counts`,
	} {
		_, err := Read(strings.NewReader(text), "base", ruleIDs)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	var syntax *SyntaxError
	if _, err := Read(strings.NewReader(strings.Repeat(" ", maxBytes+2)), "base", ruleIDs); !errors.As(err, &syntax) || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
	if _, err := Read(strings.NewReader(strings.Repeat("[", 1<<20)), "base", ruleIDs); !errors.As(err, &syntax) {
		t.Error(err)
	}
}

func TestWriteIsHarmlessAndSorted(t *testing.T) {
	p := process()
	hostile := at(p, "deadlock", "\x1b[2J\u202e\x9b\"\\\U000e0001</script>", 1)
	f := made(t, hostile, at(p, "pending-at-close", "main", 3), at(p, "deadlock", "main", 2))
	var a, b bytes.Buffer
	if err := f.Write(&a); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(f.Entries)
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the order of the entries reaches the file")
	}
	if bytes.ContainsAny(a.Bytes(), "\x1b\u202e\u009b\U000e0001") {
		t.Errorf("it acts on a terminal: %q", a.String())
	}
	if lines, stale := left(f, hostile, at(p, "pending-at-close", "main", 3), at(p, "deadlock", "main", 2)); len(lines) > 0 || stale > 0 {
		t.Error(lines, stale)
	}
	const want = `{
  "schema": "looptrace.baseline/v1",
  "findings": []
}
`
	a.Reset()
	if err := (&File{}).Write(&a); err != nil || a.String() != want {
		t.Error(cmp.Diff(want, a.String()), err)
	}
}

// A further kind of task that the same line leaves behind is new, more of a known kind and fewer kinds are not. An entry that
// names no coroutines, as an older baseline has them, accepts all.
func TestCoroutinesOfTasks(t *testing.T) {
	of := func(coros ...string) analyze.Finding {
		f := at(process(), "pending-at-close", "main", 3)
		for _, c := range coros {
			f.Tasks = append(f.Tasks, &analyze.Task{Site: &analyze.Site{Coro: c}})
		}
		return f
	}
	base := made(t, of("poll", "send"))
	for _, c := range []struct {
		found analyze.Finding
		fresh bool
	}{
		{of("poll", "send"), false}, {of("send", "poll", "poll"), false}, {of("poll"), false}, {of(), false}, {of("poll", "send", "watch"), true}, {of("watch"), true},
	} {
		lines, _ := left(base, c.found)
		if fresh := len(lines) > 0; fresh != c.fresh {
			t.Errorf("tasks of %v: new is %t", corosOf(&c.found), fresh)
		}
		next, change := Update(base, result(c.found))
		if lines, _ := left(reread(t, next), c.found); len(lines) > 0 || (change.Added > 0) != c.fresh || change.Total != 1 {
			t.Errorf("tasks of %v: after an update new: %v; %+v", corosOf(&c.found), lines, change)
		}
	}
	other := of("poll")
	other.Rule = "deadlock"
	base = made(t, other)
	other.Tasks = append(other.Tasks, &analyze.Task{Site: &analyze.Site{Coro: "send"}})
	if lines, _ := left(base, other); len(lines) > 0 || base.Entries[0].Coros != nil {
		t.Errorf("a rule that is about all its tasks together: new: %v, %+v", lines, base.Entries)
	}
	older, err := Read(strings.NewReader(`{"schema": "looptrace.baseline/v1", "findings": [{"rule": "pending-at-close", "path": "app.py", "function": "main", "count": 1}]}`), "base", ruleIDs)
	if err != nil {
		t.Fatal(err)
	}
	if lines, _ := left(older, of("watch")); len(lines) > 0 {
		t.Errorf("an entry without coroutines leaves %v new", lines)
	}
}
