package silence

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze"
)

var ruleIDs = []string{"pending-at-close", "wrong-loop"}

// result is a close that dropped two tasks of two places, and a fault without tasks.
func result(creation1, creation2, await1, def2, blame string) *analyze.Result {
	frame := func(line int, text string) *analyze.Frame {
		return &analyze.Frame{File: "/srv/app/jobs.py", Line: line, Function: "start", Text: text, User: true}
	}
	one := &analyze.Task{Name: "mail-1", Site: &analyze.Site{Coro: "send", At: frame(1, creation1)}}
	two := &analyze.Task{Name: "poll-2", Site: &analyze.Site{Coro: "poll", At: frame(2, creation2), Def: *frame(3, def2)}}
	at := frame(9, blame)
	c := &analyze.Close{At: at, Live: []*analyze.Live{{Task: one, At: frame(4, await1)}, {Task: two}}}
	run := &analyze.Run{Tasks: []*analyze.Task{one, two}, Closes: []*analyze.Close{c}}
	return &analyze.Result{Run: run, Findings: []analyze.Finding{
		{Rule: "pending-at-close", At: at, Close: c, Tasks: run.Tasks, Fingerprint: "abc"},
		{Rule: "wrong-loop", At: frame(7, "await ready"), Subjects: []string{"coro:fetch"}},
	}}
}

func TestComments(t *testing.T) {
	const ok = "x()  # looptrace: ignore[pending-at-close] known"
	for name, c := range map[string]struct {
		res              *analyze.Result
		silenced, unused int
	}{
		"the line to blame":             {result("a", "b", "c", "d", ok), 1, 0},
		"one of two tasks":              {result(ok, "b", "c", "d", "e"), 0, 1},
		"both tasks where created":      {result(ok, ok, "c", "d", "e"), 1, 0},
		"one awaits, one def":           {result("a", "b", ok, ok, "e"), 1, 0},
		"another rule":                  {result("a", "b", "c", "d", "x  # looptrace: ignore[wrong-loop]"), 0, 1},
		"two rules":                     {result("a", "b", "c", "d", "x  #looptrace:ignore[ wrong-loop , pending-at-close ]why"), 1, 0},
		"no rule":                       {result("a", "b", "c", "d", "x  # looptrace: ignore"), 0, 1},
		"a word that goes on":           {result("a", "b", "c", "d", "x  # looptrace: ignored[pending-at-close]"), 0, 0},
		"a string that is no comment":   {result("a", "b", "c", "d", "print('looptrace: ignore[pending-at-close]')"), 0, 0},
		"both, one of them not needed":  {result(ok, ok, ok, "d", "e"), 1, 1},
		"the tasks and the line itself": {result(ok, "b", "c", "d", ok), 1, 1},
	} {
		Apply(c.res, nil)
		if len(c.res.Silenced) != c.silenced || len(c.res.Unused) != c.unused || len(c.res.Findings)+len(c.res.Silenced) != 2 {
			t.Errorf("%s: %d silenced, %d unused, %d left; want %d, %d", name, len(c.res.Silenced), len(c.res.Unused), len(c.res.Findings), c.silenced, c.unused)
		}
	}
}

// A fault that is about no task has its lines in the finding alone.
func TestCommentOnFindingWithoutTasks(t *testing.T) {
	const ok = "await ready  # looptrace: ignore[wrong-loop] why"
	for name, f := range map[string]analyze.Finding{
		"its line":       {Rule: "wrong-loop", At: &analyze.Frame{File: "/a.py", Line: 3, Text: ok, User: true}},
		"its evidence":   {Rule: "wrong-loop", Evidence: []analyze.Evidence{{At: &analyze.Frame{File: "/a.py", Line: 4, Text: ok, User: true}}}},
		"of a library":   {Rule: "wrong-loop", At: &analyze.Frame{File: "/lib.py", Line: 3, Text: ok}},
		"another rule's": {Rule: "deadlock", At: &analyze.Frame{File: "/a.py", Line: 3, Text: ok, User: true}},
	} {
		res := &analyze.Result{Run: &analyze.Run{}, Findings: []analyze.Finding{f}}
		Apply(res, nil)
		silenced, unused := 1, 0
		switch name {
		case "of a library":
			silenced = 0
		case "another rule's":
			silenced, unused = 0, 1
		}
		if len(res.Silenced) != silenced || len(res.Findings) != 1-silenced || len(res.Unused) != unused {
			t.Errorf("%s: %d silenced, %d left, %d unused", name, len(res.Silenced), len(res.Findings), len(res.Unused))
		}
	}
}

// Each language has its own comments.
func TestCommentsOfGo(t *testing.T) {
	for line, silenced := range map[string]int{
		"go p.work() // looptrace: ignore[live-at-exit] one for the whole program": 1,
		"go p.work() //looptrace:ignore[live-at-exit]":                             1,
		"go p.work() # looptrace: ignore[live-at-exit]":                            0,
	} {
		frame := &analyze.Frame{File: "/srv/app/pool.go", Line: 3, Text: line, User: true}
		res := &analyze.Result{Run: &analyze.Run{}, Findings: []analyze.Finding{{Rule: "live-at-exit", At: frame}}}
		Apply(res, nil)
		if len(res.Silenced) != silenced || len(res.Unused) != 0 {
			t.Errorf("%s: %d silenced, %d unused", line, len(res.Silenced), len(res.Unused))
		}
	}
}

func TestCommentReason(t *testing.T) {
	res := result("a", "b", "c", "d", "loop.close()  # looptrace: ignore[pending-at-close]: they only poll ")
	Apply(res, nil)
	want := analyze.Suppression{File: "/srv/app/jobs.py", Line: 9, Comment: true, Rules: []string{"pending-at-close"}, Reason: "they only poll"}
	if diff := cmp.Diff(want, res.Silenced[0].By); diff != "" {
		t.Error(diff)
	}
}

func TestFile(t *testing.T) {
	for line, rules := range map[string]string{
		"pending-at-close":                                "pending-at-close",
		"wrong-loop":                                      "wrong-loop",
		"pending-at-close file=jobs.py":                   "pending-at-close",
		"pending-at-close file=app/*.py":                  "pending-at-close",
		"pending-at-close file=/srv/app/jobs.py":          "pending-at-close",
		"pending-at-close file=/app/jobs.py":              "",
		"pending-at-close file=other/jobs.py":             "",
		"* file=*.py":                                     "pending-at-close wrong-loop",
		"pending-at-close function=start":                 "pending-at-close",
		"pending-at-close function=stop":                  "",
		"pending-at-close task=mail-*":                    "",
		"pending-at-close task=*-[12]":                    "pending-at-close",
		"pending-at-close coro=[sp]*":                     "pending-at-close",
		"* coro=fetch":                                    "wrong-loop",
		"wrong-loop task=*":                               "",
		"pending-at-close fingerprint=abc file=jobs.py":   "pending-at-close",
		"pending-at-close fingerprint=abd":                "",
		"pending-at-close file=jobs.py function=nowhere ": "",
	} {
		list, err := ParseFile(strings.NewReader(line+"  # why not\n"), "ignore", ruleIDs)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		res := result("a", "b", "c", "d", "e")
		Apply(res, list)
		var got []string
		for _, s := range res.Silenced {
			got = append(got, s.Finding.Rule)
			if s.By.Reason != "why not" || s.By.Line != 1 || s.By.File != "ignore" {
				t.Errorf("%s: %+v", line, s.By)
			}
		}
		if strings.Join(got, " ") != rules {
			t.Errorf("%s silenced %q, want %q", line, got, rules)
		}
		if unused := len(res.Unused) == 1; unused != (rules == "") {
			t.Errorf("%s: unused: %+v", line, res.Unused)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for line, want := range map[string]string{
		"pending":                       `there is no rule "pending"`,
		"pending-at-close file":         `"file" is none of`,
		"pending-at-close name=x":       `"name=x" is none of`,
		"pending-at-close file=[":       `"[" is no pattern`,
		"pending-at-close file=":        `"" is no pattern`,
		"*":                             "silence everything",
		strings.Repeat("x", maxLine+10): "token too long",
	} {
		_, err := ParseFile(strings.NewReader("# fine\n\n"+line+"\n"), "ignore", ruleIDs)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != 3 || !strings.Contains(syntax.Reason, want) {
			t.Errorf("%.40s: %v, want line 3 and %q", line, err, want)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add("pending-at-close file=a/*.py task=x-* # why\n* coro=[a-z]\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseFile(strings.NewReader(text), "ignore", ruleIDs)
		if err != nil {
			return
		}
		res := result("a", "b", "c", "d", "e")
		Apply(res, list)
		if len(res.Findings)+len(res.Silenced) != 2 || len(res.Unused) > len(list) {
			t.Errorf("%d left, %d silenced, %d of %d unused", len(res.Findings), len(res.Silenced), len(res.Unused), len(list))
		}
	})
}
