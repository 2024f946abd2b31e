package html

import (
	"bytes"
	"errors"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"pgregory.net/rapid"
)

// tags returns the names of the elements of a page with how often each begins, its program left out.
func tags(page string) map[string]int {
	page = page[:strings.LastIndex(page, "<script>")]
	found := map[string]int{}
	for _, m := range regexp.MustCompile(`<([a-zA-Z!][a-zA-Z0-9]*)`).FindAllStringSubmatch(page, -1) {
		found[strings.ToLower(m[1])]++
	}
	return found
}

// Whatever a program calls its things, it adds no element to the page and no character that acts on a reader.
func TestHostileTraces(t *testing.T) {
	for _, name := range traceNames(t) {
		page := rendered(t, judged(t, poisoned(traceText(t, name))))
		for tag, n := range tags(page) {
			switch {
			case tag == "img", tag == "script" && n != 2, tag == "style" && n != 1, tag == "html" && n != 1, tag == "body" && n != 1:
				t.Errorf("%s: %d elements %s", name, n, tag)
			}
		}
		if strings.Contains(page, "alert(1)<") || !strings.Contains(page, "alert(1)") {
			t.Errorf("%s: names are not escaped, or are not there", name)
		}
		for i, r := range page {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%s: the page holds %q: %q", name, r, page[max(0, i-60):i])
			}
		}
	}
}

// named is a small run in which everything has the same name.
func named(name string) *analyze.Result {
	process := &analyze.Process{
		ID: 1, PID: 7, Main: true, Runtime: name, Recorder: name, Argv: []string{name, name}, Cwd: "/" + name,
		Exit: analyze.Exit{Observed: true, TimeNS: 9e6, LiveExact: true, Uncaught: name, UncaughtText: name},
	}
	at := &analyze.Frame{File: "/" + name + "/" + name, Line: 3, Function: name, Qualname: name, Text: "await " + name + "(close())", User: true}
	loop := &analyze.Loop{ID: 1, Process: process, Class: name, Thread: name, OpenedNS: 1, At: at}
	site := &analyze.Site{Stack: []analyze.Frame{*at}, Coro: name, At: at, Via: name}
	parent := &analyze.Task{ID: 1, Process: process, Loop: loop, Name: name, Site: site, SpawnedNS: 1, Outcome: "raised", EndedNS: 5e6, Exception: &analyze.Exception{Type: name, Message: name}}
	task := &analyze.Task{ID: 2, Process: process, Loop: loop, Name: name, Site: site, Parent: parent, SpawnedNS: 2e6, Outcome: "pending", Cancels: []analyze.Cancel{{TimeNS: 3e6, At: at, By: parent}}}
	test := &analyze.Test{ID: 1, Process: process, Name: name, File: name, Function: name}
	lock := &analyze.Primitive{ID: 1, Kind: name, At: at}
	wait := &analyze.Wait{Task: task, Kind: "lock", Object: lock, Targets: []*analyze.Task{parent}, Held: true, At: at}
	live := &analyze.Live{Task: task, State: "suspended", At: at, Awaiting: []analyze.Frame{*at}, On: analyze.On{Kind: name}, Wait: wait}
	plain := &analyze.Live{Task: parent, State: name, At: at, On: analyze.On{Kind: name}}
	c := &analyze.Close{Loop: loop, Process: process, TimeNS: 6e6, Outcome: "closed", Thread: name, Stack: []analyze.Frame{*at}, At: at, Live: []*analyze.Live{live, plain}, Handling: &analyze.Handling{Type: name, At: at}}
	loop.Closes, loop.ClosedBy = []*analyze.Close{c}, c
	loop.Runs = []*analyze.LoopRun{{Loop: loop, API: name, BeginNS: 1, At: at}}
	loop.Stops = []*analyze.Stop{{TimeNS: 4e6, At: at}}
	loop.Shutdowns = []*analyze.Shutdown{{Loop: loop, BeginNS: 5e6, At: at, Live: []*analyze.Live{live}}}
	process.Signals = []analyze.Signal{{TimeNS: 4e6, Name: name, Loop: loop}}
	process.Exit.Live = []*analyze.Live{live}
	process.Deadlocks = []*analyze.Deadlock{{Process: process, Links: []*analyze.Wait{wait, {Task: parent, Kind: name, Targets: []*analyze.Task{task}}}}}
	process.Loops = []*analyze.Loop{loop}
	run := &analyze.Run{
		Info: tracefile.RunInfo{Command: []string{name}, DurationNS: 9e6, Ended: true}, Processes: []*analyze.Process{process}, Loops: []*analyze.Loop{loop},
		Closes: []*analyze.Close{c}, Tasks: []*analyze.Task{parent, task}, Tests: []*analyze.Test{test},
		Timeline: &analyze.Timeline{
			Steps:     []analyze.Step{{BeginNS: 1, EndNS: 5, Task: task, Loop: loop}},
			Sightings: []analyze.Sighting{{TimeNS: 4, Task: task, At: at, On: name}},
		},
		Health: analyze.Health{Notes: []string{name}},
	}
	f := analyze.Finding{
		Rule: name, Severity: analyze.Error, Message: name, At: at, Process: process, Loop: loop, Close: c, Tasks: []*analyze.Task{task},
		Tests: []*analyze.Test{test}, Evidence: []analyze.Evidence{{Text: name, At: at, TimeNS: 5}}, Fix: analyze.Fix{Summary: name, Code: name},
		Follows: []string{name}, Messages: []string{name}, Deadlock: process.Deadlocks[0],
	}
	about := f
	about.Close, about.Process, about.Deadlock = nil, nil, nil
	by := analyze.Suppression{File: name, Line: 1, Text: name, Rules: []string{name}, Reason: name}
	return &analyze.Result{
		Run: run, Tool: name, Findings: []analyze.Finding{f, f, about}, Silenced: []analyze.Silenced{{Finding: f, By: by}}, Unused: []analyze.Suppression{by},
	}
}

const first, last = "n4me", "e4nd" // of a name; both ends are kept when it is shortened

// checkNames renders a run with a name everywhere and looks that it is inert wherever it is.
func checkNames(t interface{ Fatalf(string, ...any) }, name string) {
	var b bytes.Buffer
	if err := Render(&b, named(first+name+last)); err != nil {
		t.Fatalf("%v", err)
	}
	page := strings.NewReplacer("<mark>", "", "</mark>", "").Replace(b.String()) // they may stand inside a name
	script := strings.LastIndex(page, "<script>")
	found := 0
	for rest := page[:script]; ; found++ {
		at := strings.Index(rest, first)
		if at < 0 {
			break
		}
		to := strings.Index(rest[at:], last)
		if to < 0 {
			t.Fatalf("a name without end: %q", rest[at:min(len(rest), at+200)])
		}
		said := rest[at : at+to]
		if strings.ContainsAny(said, "<>") || strings.ContainsFunc(said, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Fatalf("not escaped: %q", said)
		}
		if i := strings.IndexByte(said, '&'); i >= 0 && html.UnescapeString(said) == said {
			t.Fatalf("a bare &: %q", said)
		}
		rest = rest[at+to:]
	}
	if found < 60 {
		t.Fatalf("the name is only in %d places", found)
	}
	if n := strings.Count(page[:script], "<script"); n != 2 {
		t.Fatalf("%d elements of data", n)
	}
}

func TestNamesAreInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{
			"<", ">", "&", `"`, "'", "`", "</script>", "<!--", "-->", "]]>", "\u202e", "\x1b[2J", "\u2028", "\x00", "\xff", "{{.}}", "javascript:", "&#60;", "+", "\r\n",
		}), rapid.StringN(0, 3, -1)), 0, 4).Draw(t, "parts")
		checkNames(t, strings.Join(parts, ""))
	})
}

func FuzzNames(f *testing.F) {
	f.Add("<script>alert(1)</script>")
	f.Add("]]>\u202e&amp;")
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) > 40 || strings.Contains(name, first) || strings.Contains(name, last) {
			t.Skip()
		}
		checkNames(t, name)
	})
}

// A page can be made of next to nothing.
func TestEmpty(t *testing.T) {
	page := rendered(t, &analyze.Result{Run: &analyze.Run{}})
	if !strings.Contains(page, "nothing was recorded") && !strings.Contains(page, "Nothing was recorded") {
		t.Error("it does not say that nothing was recorded")
	}
}

type full struct{ room int }

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// A failed write is told, wherever it happens.
func TestWriteError(t *testing.T) {
	res := named("x")
	size := len(rendered(t, res))
	for room := 0; room < size; room += 4999 {
		if err := Render(&full{room}, res); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes: %v", room, err)
		}
	}
}
