package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

const causeCoroutineCallback = "coroutine-callback"

func coroutineNeverAwaited() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "coroutine-never-awaited", Severity: analyze.Error, Since: "0.2",
			Title: "coroutine that was made and never awaited",
			Doc: `A coroutine function was called like a plain function. The call only makes a coroutine; the body runs when that is
awaited, or made a task. It was neither, so nothing of it ran.

**Reported** at the line of the call, for every coroutine that was deallocated before its first step, whatever the warning
filters say, and for those that are still held by a module when the process ends. The interpreter does not keep where a
coroutine was made. The line is told from the one at which it was dropped and from the code of the program; where that
leaves a choice, the line of the function's definition is shown.

**Reported as a note**: coroutines of a library that no line of the program made.

**Not reported**: the coroutine of a task that was dropped before its first step (see pending-at-close). One that was
handed to a call that asyncio refused is told with that refusal.

**Fix**: await the call, or hand it to asyncio.create_task() and keep the task.`,
			Causes: []analyze.CauseInfo{
				{ID: causeCoroutineCallback, Doc: "A coroutine function was given to call_soon(), call_later() or add_done_callback(), or to a thread. It is called, and the coroutine is thrown away. Without debug mode asyncio accepts that silently."},
			},
		},
		Check: checkNeverAwaited,
	}
}

// fateGiven is the fate of a function that is not called but given to something that calls it.
const fateGiven = "value"

func checkNeverAwaited(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		unstarted := neverStepped(run, p)
		for i := range p.Dropped {
			d := &p.Dropped[i]
			if unstarted[d.Coro] > 0 {
				unstarted[d.Coro]--
				continue
			}
			report(neverAwaited(p, d))
		}
	}
}

// neverStepped counts, by coroutine, the tasks that were dropped before their first step: their coroutines go with them.
func neverStepped(run *analyze.Run, p *analyze.Process) map[string]int {
	n := map[string]int{}
	for _, t := range run.Tasks {
		if t.Process == p && t.Steps == 0 && t.EndedNS == 0 && t.Site != nil && t.Site.Coro != "" {
			n[t.Site.Coro]++
		}
	}
	return n
}

func neverAwaited(p *analyze.Process, d *analyze.DroppedCoroutine) analyze.Finding {
	f := analyze.Finding{Process: p, At: d.Call, Subjects: []string{"coro:" + d.Coro}}
	if d.Task != nil {
		f.Loop = d.Task.Loop
	}
	if d.Callback || d.Handed {
		f.Cause = causeCoroutineCallback
	}
	if f.At == nil && d.Def != nil && d.Def.User {
		f.At = d.Def
	}
	if f.At == nil {
		f.Severity = analyze.Note
	}
	f.Message = neverAwaitedMessage(p, d)
	f.Evidence = droppedEvidence(d)
	f.Fix = awaitIt(d)
	return f
}

func neverAwaitedMessage(p *analyze.Process, d *analyze.DroppedCoroutine) string {
	if d.Handed {
		return fmt.Sprintf("%s() is a coroutine function and was given to a library that called it like a plain one: nothing of it ran", d.Coro)
	}
	if d.Callback {
		return fmt.Sprintf("the loop called %s() back, which is a coroutine function: that only made a coroutine, which was thrown away, and nothing of it ran", d.Coro)
	}
	switch {
	case d.Call == nil:
		return fmt.Sprintf("a coroutine of %s() was never awaited: nothing of it ran", d.Coro)
	case d.Fate == fateGiven:
		return fmt.Sprintf("%s gave %s() to something that called it like a plain function: that only made coroutines, and nothing of them ran", place(p, d.Call), d.Coro)
	case d.Fate == "popped":
		return fmt.Sprintf("%s called %s() without await: that only made a coroutine, and nothing of it ran", place(p, d.Call), d.Coro)
	}
	return fmt.Sprintf("the coroutine that %s made of %s() was never awaited: nothing of it ran", place(p, d.Call), d.Coro)
}

func droppedEvidence(d *analyze.DroppedCoroutine) []analyze.Evidence {
	var e evidence
	dropped := firstUser(d.Stack)
	switch {
	case d.AtEnd:
		e.add(d.TimeNS, nil, "at the end of the process the coroutine still existed, and had not taken a step")
	case d.Callback:
		e.add(d.TimeNS, nil, "the loop called the function and dropped what it returned")
	default:
		e.add(d.TimeNS, dropped, "the coroutine lost its last reference here, before its first step")
	}
	if d.Call != nil && (d.Callback || d.Handed || d.Fate == fateGiven) {
		e.add(-1, d.Call, "the only place that hands the function on")
	} else if d.Call != nil && d.How != "line" {
		e.add(-1, d.Call, "the only call that can have made it%s", map[string]string{"function": " in that function"}[d.How])
	}
	if d.Def != nil {
		e.add(-1, d.Def, "%s() is defined here, with async def", d.Coro)
	}
	return e
}

func awaitIt(d *analyze.DroppedCoroutine) analyze.Fix {
	name := d.Coro[strings.LastIndex(d.Coro, ".")+1:]
	call := callOf(d.Coro)
	if d.Call != nil {
		call = spawned(&analyze.Site{Coro: d.Coro, At: d.Call})
	}
	if d.Handed {
		return analyze.Fix{Summary: "give it a plain function that runs the coroutine", Code: lines("def work():", "    asyncio.run("+callOf(d.Coro)+")  # or run_coroutine_threadsafe("+callOf(d.Coro)+", loop)")}
	}
	if d.Callback {
		return analyze.Fix{Summary: "give the loop a plain function that makes a task", Code: lines(
			"def start():", "    tasks.add(asyncio.ensure_future("+callOf(d.Coro)+"))  # keep it until it is done", "", "loop.call_soon(start)")}
	}
	if d.Fate == fateGiven {
		return analyze.Fix{Summary: "await the coroutines that " + name + "() makes, all at once or one by one", Code: "results = await asyncio.gather(*coroutines)"}
	}
	if strings.HasPrefix(call, name) || strings.Contains(call, "."+name) {
		return analyze.Fix{Summary: "await the call of " + name + "()", Code: lines("await "+call, "# or, to go on meanwhile:", "task = asyncio.create_task("+call+")  # keep it, and await it later")}
	}
	return analyze.Fix{Summary: "await the call of " + name + "()", Code: "await " + callOf(d.Coro)}
}

// bareCall reports whether a line is nothing but a call of the function: what it returns is thrown away there.
func bareCall(f *analyze.Frame, subject string) bool {
	return regexp.MustCompile(`^(?:\w+\.)*` + literally(lastName(subject)) + `\(`).MatchString(strings.TrimSpace(f.Text))
}

// callsFor reports whether a line calls the function to hand on what it returns.
func callsFor(f *analyze.Frame, subject string) bool {
	return regexp.MustCompile(`\b` + literally(lastName(subject)) + `\(`).MatchString(f.Text)
}

// lastName returns the function that a subject or a qualified name names: "save" for "coro:Store.save".
func lastName(subject string) string { return subject[strings.LastIndexAny(subject, ".:")+1:] }
