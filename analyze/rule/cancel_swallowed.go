package rule

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of cancel-swallowed: who had asked.
const (
	causeLostCtrlC       = "lost-ctrl-c"
	causeIgnoredShutdown = "shutdown-ignored"
	causeIgnoredTimeout  = "timeout-ignored"
	causeIgnoredCancel   = "cancel-ignored"
)

func cancelSwallowed() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "cancel-swallowed", Severity: analyze.Error, Since: "0.1",
			Title: "task that caught its cancellation and went on",
			Doc: `A task got the CancelledError of a cancel(), caught it, and went on with its work as if nothing had happened. Whoever
cancelled it waits in vain: asyncio.run() does not return, a timeout does not end, Ctrl-C is lost.

**Reported** when the task had left the clause that caught the cancellation and was seen waiting once more at the very line
where the cancellation had met it; and when a catch-all (no function of the task names CancelledError) lost it and the task
went on elsewhere for longer than half a second. Where nothing is known to have been held up by it, as a warning.

**Not reported**: clean-up that is awaited in a finally: or except: block, or after an "except asyncio.CancelledError:" that
ends the work; tasks that return soon after; tasks that raise
CancelledError in the end; cancellations that timeout(), wait_for() and TaskGroup withdraw themselves, or that the task
withdraws with uncancel(); those of anyio's scopes.

**Fix**: catch Exception, not BaseException; after the clean-up of an "except asyncio.CancelledError:" comes a raise.

**Known**: before 3.11 the interpreter keeps no count of cancellations, and a task whose future was cancelled cannot be told
from one that was cancelled itself. There, tasks that wait for a plain future of the program are passed over.`,
			Causes: []analyze.CauseInfo{
				{ID: causeLostCtrlC, Doc: "Ctrl-C: from 3.11 on asyncio.run() turns it into a cancellation of the main task, which a catch-all around an await loses. Catch Exception instead of BaseException."},
				{ID: causeIgnoredShutdown, Doc: "asyncio.run() (or Runner.close()) cancelled what was left after the main coroutine, and waits for it without a limit. Let the cancellation through."},
				{ID: causeIgnoredTimeout, Doc: "A timeout or a task group cancelled the task to end a block of it; the block went on. Let the cancellation through."},
				{ID: causeIgnoredCancel, Doc: "The program itself called cancel(). Let the cancellation through, or use another signal than cancel() to interrupt a single job."},
			},
		},
		Check: checkSwallowed,
	}
}

// minHeldUp is for how long a task must go on elsewhere until that counts.
const minHeldUp = int64(500 * time.Millisecond)

// swallow is one cancellation that a task caught and did not act on.
type swallow struct {
	task    *analyze.Task
	cancel  *analyze.Cancel
	index   int // of cancel
	cause   string
	same    bool  // the task was back where the cancellation had met it
	lasted  int64 // ns until it ended, or until nothing more is known
	pending bool  // it never ended
}

func checkSwallowed(run *analyze.Run, report func(analyze.Finding)) {
	for _, t := range run.Tasks {
		if s := swallowOf(run, t); s != nil {
			report(s.finding())
		}
	}
}

// swallowOf returns the first cancellation that a task swallowed, nil if it did not.
func swallowOf(run *analyze.Run, t *analyze.Task) *swallow {
	if t.Inherited != nil || t.Process == nil {
		return nil
	}
	for i := range t.Cancels {
		c := &t.Cancels[i]
		if len(c.Ignored) == 0 || t.Outcome == "cancelled" && i == len(t.Cancels)-1 || !askedToEnd(run, t, c) {
			continue
		}
		s := &swallow{task: t, cancel: c, index: i, cause: requesterOf(c), pending: t.Outcome != "returned" && t.Outcome != "raised" && t.Outcome != "cancelled"}
		s.lasted = lastSeen(t) - c.Ignored[0].TimeNS
		for _, w := range c.Ignored {
			s.same = s.same || w.Same
		}
		if s.same || s.lasted >= minHeldUp && !c.Ignored[0].Expected {
			return s
		}
	}
	return nil
}

// askedToEnd reports whether a cancellation certainly was one of the task, and whether it was for the program to act on it.
func askedToEnd(run *analyze.Run, t *analyze.Task, c *analyze.Cancel) bool {
	if foreignScope(c) || len(c.Awaiting) == 0 {
		return false
	}
	if since(t.Process, 12) {
		return true
	}
	inner := c.Awaiting[len(c.Awaiting)-1]
	if inner.Function == "wait_for" && inModule(inner, "asyncio/tasks.py") {
		return innerCancelled(run, t, c) // wait_for() loses a cancellation that meets the end of what it waits for
	}
	if since(t.Process, 11) || inAsyncio(inner) || c.On == "gather" || c.On == "task" {
		return true
	}
	if c.On == "executor" || jobAwait.MatchString(inner.Text) {
		return true // nobody else has the future
	}
	return len(c.Stack) > 0 && inAsyncio(c.Stack[0])
}

// jobAwait recognises a line that awaits a job where it is submitted.
var jobAwait = regexp.MustCompile(`\bawait [\w.()]*\brun_in_executor\(`)

// foreignScope reports whether a cancellation is that of a scope of anyio or async_timeout, which has rules of its own.
func foreignScope(c *analyze.Cancel) bool {
	for _, f := range c.Stack {
		if installed(f) && (strings.Contains(f.File, "async_timeout") || strings.Contains(f.File, "anyio")) {
			return true
		}
		if f.User {
			return false
		}
	}
	return false
}

// innerCancelled reports whether the task that wait_for() made ended by the cancellation.
func innerCancelled(run *analyze.Run, t *analyze.Task, c *analyze.Cancel) bool {
	for _, inner := range run.Tasks {
		if inner.Parent == t && inner.Outcome == "cancelled" && inner.EndedNS >= c.TimeNS && inner.EndedNS <= c.Ignored[0].TimeNS {
			return true
		}
	}
	return false
}

// requesterOf says who cancelled, as a cause.
func requesterOf(c *analyze.Cancel) string {
	if wakeUp(*c) {
		return causeIgnoredTimeout
	}
	for _, f := range c.Stack {
		switch {
		case inModule(f, "asyncio/runners.py") && f.Function == "_on_sigint":
			return causeLostCtrlC
		case inModule(f, "asyncio/runners.py") && f.Function == "_cancel_all_tasks":
			return causeIgnoredShutdown
		case inModule(f, "asyncio/tasks.py") && (f.Function == "wait_for" || f.Function == "_cancel_and_wait"):
			return causeIgnoredTimeout
		case f.User:
			return causeIgnoredCancel
		}
	}
	return causeIgnoredCancel
}

// lastSeen returns when a task ended, or until when it could go on.
func lastSeen(t *analyze.Task) int64 {
	switch {
	case t.EndedNS != 0:
		return t.EndedNS
	case t.Loop != nil && t.Loop.ClosedBy != nil:
		return t.Loop.ClosedBy.TimeNS
	}
	return t.Process.Exit.TimeNS
}

func (s *swallow) finding() analyze.Finding {
	t, c := s.task, s.cancel
	f := analyze.Finding{Cause: s.cause, At: c.AwaitedAt, Process: t.Process, Loop: t.Loop, Tasks: []*analyze.Task{t}}
	if s.cause == causeIgnoredCancel && !s.pending && s.index == len(t.Cancels)-1 {
		f.Severity = analyze.Warning // it ended by itself, and nothing is known to have waited for that
	}
	f.Message = s.message()
	f.Evidence = s.evidence()
	f.Fix = s.fix()
	return f
}

func (s *swallow) message() string {
	t, c := s.task, s.cancel
	who := map[string]string{
		causeLostCtrlC:       "Ctrl-C was lost: ",
		causeIgnoredShutdown: "asyncio.run() could not end: ",
		causeIgnoredTimeout:  "a timeout had no effect: ",
	}[s.cause]
	if s.cause == causeIgnoredShutdown {
		who = strings.Replace(who, "asyncio.run()", runnerOf(c), 1)
	}
	where := "went on elsewhere"
	if s.same {
		where = "was back at the same await"
	}
	text := fmt.Sprintf("%s%s caught its cancellation at %s and %s", who, theTask(t), place(t.Process, c.AwaitedAt), where)
	switch {
	case s.index < len(t.Cancels)-1:
		text += fmt.Sprintf("; it was cancelled %s more", timesWord(len(t.Cancels)-1-s.index))
	case s.pending:
		text += "; it never ended"
	default:
		text += fmt.Sprintf("; it took %s more and ended %s later", count(c.StepsAfter, "step"), duration(lastSeen(t)-c.TimeNS))
	}
	return text
}

func timesWord(n int) string {
	if n == 1 {
		return "once"
	}
	return count(n, "time")
}

// duration returns "1.5 s", "20 ms".
func duration(ns int64) string {
	if d := time.Duration(ns); d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return strings.Replace(fmt.Sprintf("%.1f s", float64(ns)/1e9), ".0 s", " s", 1)
}

// runnerOf names what cancelled all tasks.
func runnerOf(c *analyze.Cancel) string {
	return runnerName(&analyze.Shutdown{Stack: c.Stack})
}

func (s *swallow) evidence() []analyze.Evidence {
	t, c := s.task, s.cancel
	var e evidence
	e.add(c.TimeNS, c.At, "%s cancelled %s", s.canceller(), taskName(t))
	e.add(c.TimeNS, c.AwaitedAt, "it was waiting here then, and got the CancelledError here")
	for i, w := range c.Ignored {
		if i == namesShown {
			break
		}
		what := "it was waiting here after that, the CancelledError no longer being handled"
		if w.Same {
			what = "it was waiting at the same place again"
		}
		e.add(w.TimeNS, w.At, "%s (%s later, step %d)", what, duration(w.TimeNS-c.TimeNS), w.Steps)
	}
	for i := s.index + 1; i < len(t.Cancels) && i <= s.index+namesShown; i++ {
		e.add(t.Cancels[i].TimeNS, t.Cancels[i].At, "it was cancelled again")
	}
	switch {
	case s.pending:
		e.add(-1, nil, "it never ended; it took %s after the cancellation", count(c.StepsAfter, "step"))
	default:
		e.add(t.EndedNS, nil, "it %s, %s after the cancellation", outcomeText(t), duration(t.EndedNS-c.TimeNS))
	}
	if t.Site != nil {
		e.add(t.SpawnedNS, t.Site.At, "the task was spawned here")
	}
	return e
}

func outcomeText(t *analyze.Task) string {
	switch t.Outcome {
	case "raised":
		if t.Exception != nil {
			return "raised " + t.Exception.Type
		}
	case "cancelled":
		return "ended as cancelled"
	}
	return t.Outcome
}

func (s *swallow) canceller() string {
	c := s.cancel
	switch s.cause {
	case causeLostCtrlC:
		return "Ctrl-C, by way of the handler of asyncio.run(),"
	case causeIgnoredShutdown:
		return runnerOf(c)
	case causeIgnoredTimeout:
		return "a timeout or task group"
	}
	if c.By != nil && c.By != s.task {
		return theTask(c.By)
	}
	return "the program"
}

func (s *swallow) fix() analyze.Fix {
	at := place(s.task.Process, s.cancel.AwaitedAt)
	await := "..."
	if a := s.cancel.AwaitedAt; a != nil && a.Text != "" && balanced(a.Text) && !strings.HasSuffix(a.Text, ":") {
		await = a.Text
	}
	return analyze.Fix{
		Summary: "let the cancellation through around " + at + ": catch Exception, not BaseException, and re-raise CancelledError after the clean-up",
		Code: lines("try:", "    "+await, "except asyncio.CancelledError:", "    ...  # clean up, without waiting for long", "    raise",
			"except Exception:", "    ...  # what the loop is meant to survive"),
	}
}

// droppedThere holds for a fault of tasks that the close then dropped.
func droppedThere(root, symptom *analyze.Finding) bool {
	return root.Cause == causeSwallowed && sameTasks(root, symptom)
}

// sameTasks holds if everything that the symptom is about, the root is about as well.
func sameTasks(root, symptom *analyze.Finding) bool {
	return len(symptom.Tasks) > 0 && within(symptom.Tasks, root.Tasks)
}
