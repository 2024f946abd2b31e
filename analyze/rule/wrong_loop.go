package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func wrongLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "wrong-loop", Severity: analyze.Error, Since: "0.2",
			Title: "use of something that belongs to another loop",
			Doc: `A future, a lock, a queue, a stream or a task belongs to one event loop. Code that runs in another loop waited for it,
and asyncio refused that: "got Future attached to a different loop", "is bound to a different event loop" or "The future
belongs to a different loop than the one specified".

**Reported** for every refused use, also where the program caught the error. The report tells both loops with the places
where they were opened and whether they still ran, and where the object was made if it is one of asyncio's primitives.

**Not reported**: what asyncio lets pass, as a lock of another loop that nobody holds.

**Fix**: make the object in the coroutine that uses it, once per run, or use one asyncio.run() for all.

**Known**: up to Python 3.9 a lock, event or queue belongs to the loop that get_event_loop() gives where it is made: one
that is made at import belongs to a loop that asyncio.run() never runs. From 3.10 on it belongs to the loop in which
somebody first has to wait for it, so that the error comes with the second run, and under contention only.`,
		},
		Check: checkWrongLoop,
	}
}

func checkWrongLoop(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Mismatches {
			m := &p.Mismatches[i]
			f := analyze.Finding{
				At: m.At, Process: p, Loop: m.Loop,
				Message: mismatchMessage(p, m), Evidence: mismatchEvidence(p, m), Fix: mismatchFix(p, m),
			}
			if m.Task != nil {
				f.Tasks = []*analyze.Task{m.Task}
			}
			if m.At == nil {
				f.Severity = analyze.Warning // a library's own affair: no line of the program did it
			}
			report(f)
		}
	}
}

func mismatchMessage(p *analyze.Process, m *analyze.LoopMismatch) string {
	who := "the program"
	if m.Task != nil {
		who = theTask(m.Task)
	}
	return fmt.Sprintf("%s used %s of another loop%s: refused, %s", who, objectText(p, m), loopState(m.Other, m.TimeNS, ", which "), cmp.Or(quoted(m.Message), "it belongs elsewhere"))
}

// objectText names what was used: "a Lock (made at app.py:3)".
func objectText(p *analyze.Process, m *analyze.LoopMismatch) string {
	switch {
	case m.ObjectTask != nil:
		return theTask(m.ObjectTask)
	case m.OpenedAt != nil:
		return article(m.Object) + " (made at " + place(p, m.OpenedAt) + ")"
	}
	return article(cmp.Or(m.Object, "future"))
}

func article(noun string) string {
	noun = strings.TrimPrefix(noun, "_")
	if strings.ContainsAny(noun[:min(1, len(noun))], "AEIOUaeiou") {
		return "an " + noun
	}
	return "a " + noun
}

func quoted(words string) string {
	if words == "" {
		return ""
	}
	return `"` + words + `"`
}

// loopState says what became of a loop until a moment, after some words: ", which was closed by then".
func loopState(l *analyze.Loop, ns int64, words string) string {
	switch {
	case l == nil, outside(l):
		return ""
	case l.ClosedBy != nil && l.ClosedBy.TimeNS <= ns:
		return words + "was closed by then"
	case runningAt(l, ns) != nil:
		return words + "was running in thread " + runningAt(l, ns).Thread
	case len(l.Runs) == 0:
		return words + "never ran"
	}
	return words + "did not run any more"
}

func mismatchEvidence(p *analyze.Process, m *analyze.LoopMismatch) []analyze.Evidence {
	var e evidence
	e.add(m.TimeNS, m.At, "refused: %s", mismatchWords(m))
	switch {
	case m.ObjectTask != nil && m.ObjectTask.Site != nil && m.ObjectTask.Site.At != nil:
		e.add(m.ObjectTask.SpawnedNS, m.ObjectTask.Site.At, "%s was spawned here, in the other loop", theTask(m.ObjectTask))
	case m.OpenedAt != nil:
		e.add(-1, m.OpenedAt, "the %s was made here", m.Object)
	}
	addLoop(&e, m.Other, m.TimeNS, "its loop")
	addLoop(&e, m.Loop, m.TimeNS, "the loop that used it")
	if m.Task != nil && m.Task.Site != nil && m.Task.Site.At != nil {
		e.add(m.Task.SpawnedNS, m.Task.Site.At, "%s was spawned here", theTask(m.Task))
	}
	return e
}

// mismatchWords is asyncio's message, with the object that it leaves out put in.
func mismatchWords(m *analyze.LoopMismatch) string {
	if m.Message == "" || strings.HasPrefix(m.Message, "The ") {
		return cmp.Or(m.Message, "it belongs to another loop")
	}
	return article(cmp.Or(m.Object, "future")) + " " + verb(strings.Count(m.Message, "attached"), "is ", "") + m.Message
}

// addLoop tells the life of a loop until a moment.
func addLoop(e *evidence, l *analyze.Loop, ns int64, name string) {
	if l == nil {
		return
	}
	switch {
	case l.At != nil:
		e.add(l.OpenedNS, l.At, "%s was opened here%s", name, loopState(l, ns, "; it "))
	default:
		e.add(l.OpenedNS, nil, "%s was opened by asyncio%s", name, loopState(l, ns, "; it "))
	}
	if l.ClosedBy != nil && l.ClosedBy.TimeNS <= ns && l.ClosedBy.At != nil {
		e.add(l.ClosedBy.TimeNS, l.ClosedBy.At, "%s was closed here", name)
	}
}

var made = regexp.MustCompile(`^` + receiver + `\s*=\s*((?:\w+\.)*\w+\(.*\))$`)

func mismatchFix(p *analyze.Process, m *analyze.LoopMismatch) analyze.Fix {
	if m.ObjectTask != nil || m.Object == "_GatheringFuture" {
		return analyze.Fix{
			Summary: "await a task in the loop that runs it; from another loop's thread hand the coroutine over",
			Code:    lines("future = asyncio.run_coroutine_threadsafe(coro(), other_loop)", "await asyncio.wrap_future(future)"),
		}
	}
	name, call := "thing", "asyncio."+cmp.Or(m.Object, "Lock")+"()"
	if isFuture(m.Object) {
		name, call = "future", "asyncio.get_running_loop().create_future()"
	}
	if m.OpenedAt != nil {
		if g := made.FindStringSubmatch(m.OpenedAt.Text); g != nil {
			name, call = g[1], g[2]
		}
	}
	where := "the object"
	if m.OpenedAt != nil {
		where = "the " + m.Object + " of " + place(p, m.OpenedAt)
	}
	return analyze.Fix{
		Summary: "make " + where + " in the loop that uses it: inside the coroutine, once per run; or use one run for all",
		Code:    lines("async def main():", "    "+name+" = "+call+"  # in the loop that uses it", "    ...", "", "asyncio.run(main())"),
	}
}

func isFuture(object string) bool { return object == "" || object == "Future" }
