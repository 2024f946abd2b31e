package rule

import (
	"cmp"
	"fmt"
	"regexp"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// sleptOn is how long a loop must have slept on after a call before the call is said to have come late.
const sleptOn = 20 * time.Millisecond

func threadUnsafeCall() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "thread-unsafe-call", Severity: analyze.Error, Since: "0.2",
			Title: "call into a loop from a thread that does not run it",
			Doc: `A thread resolved a future, spawned a task, set an event, put into a queue or scheduled a callback of a loop that another
thread was running. Nothing of asyncio may be used that way but call_soon_threadsafe() and run_coroutine_threadsafe(). The
callback is queued, but the loop is not woken: it sleeps on until a timer or some input ends its wait, or for ever.

**Reported** as an error where the loop waited at that moment and was late by 20 ms or more, or never woke; and where debug
mode refused the call. As a warning where it happened to be awake: that is luck.

**Reported as a note**: a call that no line of the program made.

**Not reported**: calls into a loop that does not run.

**Fix**: loop.call_soon_threadsafe(callback, ...) for a function, asyncio.run_coroutine_threadsafe(coro, loop) for a
coroutine.

**Known**: asyncio checks this in debug mode only. The fault is hidden as long as something else keeps the loop awake.`,
		},
		Check: checkThreadUnsafe,
	}
}

func checkThreadUnsafe(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, c := range p.ForeignCalls {
			f := analyze.Finding{
				At: c.At, Process: p, Loop: c.Loop, Severity: foreignSeverity(c),
				Message: foreignMessage(c), Evidence: foreignEvidence(c), Fix: foreignFix(c),
			}
			if c.Task != nil {
				f.Tasks = []*analyze.Task{c.Task}
			}
			report(f)
		}
	}
}

func foreignSeverity(c *analyze.ForeignCall) analyze.Severity {
	switch {
	case c.At == nil || collected(c.Stack):
		return analyze.Note
	case c.Refused || late(c):
		return analyze.Error
	}
	return analyze.Warning
}

// collected reports whether a destructor of somebody else made the call, in whichever thread the collector ran.
func collected(stack []analyze.Frame) bool {
	for i := range stack {
		if stack[i].User {
			return false
		}
		if stack[i].Function == "__del__" {
			return true
		}
	}
	return false
}

func late(c *analyze.ForeignCall) bool {
	return c.Asleep && (!c.Woke || c.SleptNS >= int64(sleptOn))
}

func foreignMessage(c *analyze.ForeignCall) string {
	msg := fmt.Sprintf("thread %s called into a loop that %s runs", cmp.Or(c.Thread, "another"), threadOr(c.RunningThread))
	switch {
	case c.Refused:
		return msg + ": debug mode refused it"
	case late(c) && !c.Woke:
		return msg + ", without waking it: the loop slept on and never saw it"
	case late(c):
		return msg + ", without waking it: the loop slept on for " + seconds(c.SleptNS)
	case c.Call == "stop":
		return msg + ": stop() does not wake it"
	}
	return msg + ": nothing wakes the loop, and its data are not protected"
}

func threadOr(name string) string {
	if name == "" {
		return "another thread"
	}
	return "thread " + name
}

// seconds returns "1.3 s" or "45 ms".
func seconds(ns int64) string {
	if d := time.Duration(ns); d < time.Second {
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", time.Duration(ns).Seconds())
}

func foreignEvidence(c *analyze.ForeignCall) []analyze.Evidence {
	var e evidence
	again := ""
	if c.Count > 1 {
		again = fmt.Sprintf(", %d times or more", c.Count)
	}
	e.add(c.TimeNS, c.At, "%s() in thread %s%s", c.Call, c.Thread, again)
	switch {
	case c.Asleep && c.Woke:
		e.add(c.TimeNS+c.SleptNS, nil, "the loop was waiting for I/O and went on only %s later", seconds(c.SleptNS))
	case c.Asleep:
		e.add(-1, nil, "the loop was waiting for I/O and did nothing more")
	}
	if c.Loop != nil {
		if open := runningAt(c.Loop, c.TimeNS); open != nil {
			e.add(open.BeginNS, open.At, "thread %s runs the loop from here", open.Thread)
		}
	}
	return e
}

var (
	methodArgs = regexp.MustCompile(receiver + `\.(set_result|set_exception|set|put_nowait|get_nowait|cancel|release|call_soon|call_later|call_at|stop|feed_data|feed_eof|write|close)\((.*)\)`)
	spawning   = regexp.MustCompile(receiver + `\.(?:create_task|ensure_future)\(\s*((?:\w+\.)*\w+\(.*?\))\s*(?:,.*)?\)`)
)

func foreignFix(c *analyze.ForeignCall) analyze.Fix {
	text := ""
	if c.At != nil {
		text = c.At.Text
	}
	if m := spawning.FindStringSubmatch(text); m != nil && balanced(m[2]) {
		loop := m[1]
		if loop == "asyncio" {
			loop = "loop"
		}
		return analyze.Fix{Summary: "hand the coroutine over to the thread that runs the loop", Code: "asyncio.run_coroutine_threadsafe(" + m[2] + ", " + loop + ")"}
	}
	code := "loop.call_soon_threadsafe(callback, ...)"
	if m := methodArgs.FindStringSubmatch(text); m != nil {
		switch args := m[3]; {
		case m[2] == "call_soon":
			code = m[1] + ".call_soon_threadsafe(" + args + ")"
		case m[2] == "call_later" || m[2] == "call_at":
			code = m[1] + ".call_soon_threadsafe(" + m[1] + "." + m[2] + ", " + args + ")"
		case m[2] == "stop":
			code = m[1] + ".call_soon_threadsafe(" + m[1] + ".stop)"
		case args == "":
			code = "loop.call_soon_threadsafe(" + m[1] + "." + m[2] + ")"
		default:
			code = "loop.call_soon_threadsafe(" + m[1] + "." + m[2] + ", " + args + ")"
		}
	}
	return analyze.Fix{Summary: "let the thread that runs the loop do it: call_soon_threadsafe() queues the call and wakes the loop", Code: code}
}
