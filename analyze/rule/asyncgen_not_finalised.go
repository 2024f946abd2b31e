package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func asyncgenNotFinalised() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "asyncgen-not-finalised", Severity: analyze.Error, Since: "0.2",
			Title: "asynchronous generator whose clean-up never ran",
			Doc: `The iteration of an asynchronous generator was left before its end, by break, return or an error. Its finally: and
async with blocks then run when somebody closes it. asyncio does so, when the generator is collected or when
loop.shutdown_asyncgens() runs. Here the loop was closed before either had happened: the clean-up never ran, or was cut.

**Reported** at the line where the iteration began, for generators that stood in a try or with block when their loop was
closed. As a warning where the process ended without closing the loop.

**Reported as a note**: generators that had nothing to clean up, and those that only library code iterated.

**Not reported**: generators that a task which was still pending was iterating (see pending-at-close); a loop that
asyncio.run() closed after shutdown_asyncgens() had done its work.

**Fix**: close the generator where it is used, with contextlib.aclosing() (3.10+) or await agen.aclose() in a finally:.
A loop of one's own needs loop.run_until_complete(loop.shutdown_asyncgens()) before close(); asyncio.run() has it.`,
		},
		Check: checkAsyncgens,
	}
}

func checkAsyncgens(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		told := map[int]bool{}
		for i := range p.Asyncgens {
			g := &p.Asyncgens[i]
			if told[g.ID] || g.Loop == nil || g.Loop.Inherited != nil || g.State == "iterated" || !final(g) {
				continue
			}
			told[g.ID] = true
			report(asyncgenFinding(p, g))
		}
	}
}

// final reports whether the moment at which a generator was seen was the last of its loop: a close() may be refused.
func final(g *analyze.AbandonedAsyncgen) bool {
	if g.Moment == "close" {
		c := g.Loop.ClosedBy
		return c != nil && c.TimeNS <= g.TimeNS && !c.OtherProcess
	}
	return true
}

func asyncgenFinding(p *analyze.Process, g *analyze.AbandonedAsyncgen) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: g.Loop, At: g.Opened, Subjects: []string{"asyncgen:" + g.Name}}
	if g.Task != nil {
		f.Tasks = []*analyze.Task{g.Task}
	}
	cut := g.State == "closing"
	switch {
	case g.Opened == nil || !g.Cleanup && !cut:
		f.Severity = analyze.Note
	case g.Moment == "exit":
		f.Severity = analyze.Warning
	}
	end := "its loop was closed"
	if g.Moment == "exit" {
		end = "the process ended"
	}
	switch {
	case cut:
		f.Message = fmt.Sprintf("the clean-up of the asynchronous generator %s was cut: %s before it had ended", g.Name, end)
	case g.Cleanup:
		f.Message = fmt.Sprintf("the asynchronous generator %s was left before its end, and its clean-up never ran: %s first", g.Name, end)
	default:
		f.Message = fmt.Sprintf("the asynchronous generator %s was left before its end and never closed: %s first", g.Name, end)
	}
	var e evidence
	e.add(g.TimeNS, g.At, "when %s, the generator stood here%s", end, stateWords(g.State))
	if g.Opened != nil {
		e.add(-1, g.Opened, "its iteration began here")
	}
	if c := g.Loop.ClosedBy; c != nil && c.At != nil && g.Moment != "exit" {
		e.add(c.TimeNS, c.At, "the loop was closed here%s", map[bool]string{false: ", without shutdown_asyncgens()"}[g.Loop.AsyncgensShutdown])
	}
	f.Evidence = e
	f.Fix = closeAsyncgen(p, g)
	return f
}

func stateWords(state string) string {
	switch state {
	case "closing":
		return ", in the middle of its aclose()"
	case "scheduled":
		return ", and its aclose() was about to begin"
	}
	return ""
}

var asyncFor = regexp.MustCompile(`^async for (.+?) in (.+):$`)

// iterated returns the expression whose iteration was left and the name of the items, from the line that began it.
func iterated(g *analyze.AbandonedAsyncgen) (call, item string) {
	call, item = callOf(g.Name), "item"
	if m := asyncFor.FindStringSubmatch(textOf(g.Opened)); m != nil {
		item = m[1]
		if strings.HasSuffix(m[2], ")") && balanced(m[2]) {
			call = m[2]
		}
	}
	return call, item
}

func closeAsyncgen(p *analyze.Process, g *analyze.AbandonedAsyncgen) analyze.Fix {
	call, item := iterated(g)
	code := lines("items = "+call, "try:", "    async for "+item+" in items:", "        ...", "finally:", "    await items.aclose()")
	if since(p, 10) {
		code = lines("async with contextlib.aclosing("+call+") as items:", "    async for "+item+" in items:", "        ...")
	}
	if c := g.Loop.ClosedBy; c != nil && !g.Loop.AsyncgensShutdown && !viaRunner(c.Stack) {
		loop := loopName(g.Loop, c)
		code = lines(code, "", "# and before "+loop+".close():", loop+".run_until_complete("+loop+".shutdown_asyncgens())")
	}
	return analyze.Fix{Summary: "close the generator where it is iterated", Code: code}
}
