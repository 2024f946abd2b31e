package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func loopNotContextManager() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "loop-not-context-manager", Severity: analyze.Error, Since: "0.1",
			Title: "with statement on an event loop",
			Doc: `The program used an event loop in a with statement. An event loop is no context manager, in no version of Python: the
statement fails before its body runs ("AttributeError: __enter__" up to 3.10, "TypeError: ... object does not support the
context manager protocol" from 3.11 on).

**Reported** when that error ended the program, a thread, a task or a callback, and the line is a with statement on a loop;
and where the program caught it, if the with statement itself makes the loop.

**Fix**: asyncio.run(main()). Where a loop object is needed: asyncio.Runner (3.11+), or
contextlib.closing(asyncio.new_event_loop()), which closes the loop but does not cancel its tasks.

**Known**: several articles print this as a way to close a loop. It never worked.`,
		},
		Check: checkNotContextManager,
	}
}

// withLoop matches a with statement whose expression makes or names a loop.
var withLoop = regexp.MustCompile(`^(?:async\s+)?with\b.*loop`)

// bareWith matches one whose expression is a loop and nothing else.
var bareWith = regexp.MustCompile(`^(?:async\s+)?with\s+(?:(?:\w+\.)?(?:get_event|new_event|get_running)_loop\(\)|(?:\w+\.)?\w*loop)(?:\s+as\s+\w+)?\s*:`)

// loopByName matches one whose expression is what everybody calls a loop: up to 3.10 the error itself names no class.
var loopByName = regexp.MustCompile(`^(?:async\s+)?with\s+(?:(?:\w+\.)?get_(?:running|event)_loop\(\)|(?:\w+\.)*_?(?:event_)?loop)(?:\s+as\s+\w+)?\s*:`)

func checkNotContextManager(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		told := map[analyze.Frame]bool{} // an error that leaves a task goes on to leave the process
		for _, x := range p.Failures {
			at := firstUser(x.Stack)
			if at == nil || !withFailed(x, at) || told[*at] {
				continue
			}
			if at.Text == "" {
				undecided(run, "loop-not-context-manager", fmt.Sprintf("loop-not-context-manager: the source of %s is not known, so whether its with statement was on a loop is not decided", place(p, at)))
				continue
			}
			named := classNamed(p, x.Words)
			if !named && !withLoop.MatchString(strings.TrimSpace(at.Text)) {
				continue
			}
			l := unusedLoop(p, x.TimeNS)
			if l == nil && !named && !loopByName.MatchString(strings.TrimSpace(at.Text)) {
				continue
			}
			told[*at] = true
			var e evidence
			e.add(x.TimeNS, at, "%s: %s", x.Exception, x.Words)
			report(contextFinding(p, at, l, e))
		}
		for _, l := range p.Loops {
			if madeInWith(p, l) && !told[*l.At] {
				told[*l.At] = true
				report(contextFinding(p, l.At, l, nil))
			}
		}
	}
}

func contextFinding(p *analyze.Process, at *analyze.Frame, l *analyze.Loop, e evidence) analyze.Finding {
	if l != nil && l.At != nil {
		e.add(l.OpenedNS, l.At, "the loop was opened here, and never ran")
	}
	msg := "an event loop is no context manager: the with statement failed before its body ran"
	if l != nil {
		msg += ", so the loop never ran"
	}
	return analyze.Finding{At: at, Process: p, Loop: l, Evidence: e, Fix: contextFix(p, at), Message: msg}
}

// madeInWith reports whether the expression of a with statement made the loop, which then neither ran nor was closed. The
// program caught the error, but that the statement failed is certain: asyncio's own loops cannot be entered.
func madeInWith(p *analyze.Process, l *analyze.Loop) bool {
	if l.At == nil || !unused(l) || !bareWith.MatchString(strings.TrimSpace(l.At.Text)) {
		return false
	}
	switch l.Class {
	case "_UnixSelectorEventLoop", "_WindowsSelectorEventLoop", "ProactorEventLoop":
		return endedNormally(p)
	}
	return false
}

// withFailed reports whether an exception can be that of a with statement on a loop.
func withFailed(x *analyze.Failure, at *analyze.Frame) bool {
	if x.Words == "" && (x.Exception == "AttributeError" || x.Exception == "TypeError") {
		return bareWith.MatchString(strings.TrimSpace(at.Text)) // the text was not recorded: only a with on nothing but the loop will do
	}
	switch x.Exception {
	case "AttributeError":
		return strings.HasSuffix(x.Words, "__enter__") || strings.HasSuffix(x.Words, "__aenter__") || strings.HasSuffix(x.Words, "__exit__") || strings.HasSuffix(x.Words, "__aexit__")
	case "TypeError":
		return strings.Contains(x.Words, "context manager protocol") && strings.Contains(x.Words, "object does not support")
	}
	return false
}

// classNamed reports whether the words of an error name the class of a loop of the process.
func classNamed(p *analyze.Process, words string) bool {
	for _, l := range p.Loops {
		if l.Class == "" {
			continue
		}
		name := l.Class[strings.LastIndex(l.Class, ".")+1:]
		if strings.Contains(words, "'"+name+"'") || strings.Contains(words, "."+name+"'") {
			return true
		}
	}
	return false
}

// unusedLoop returns the last loop of a process that had been opened by then and never ran.
func unusedLoop(p *analyze.Process, ns int64) *analyze.Loop {
	for i := len(p.Loops) - 1; i >= 0; i-- {
		if l := p.Loops[i]; l.OpenedNS <= ns && unused(l) {
			return l
		}
	}
	return nil
}

// unused reports whether a loop never ran, and nobody closed it.
func unused(l *analyze.Loop) bool {
	return len(l.Runs) == 0 && (l.ClosedBy == nil || l.ClosedBy.Implicit)
}

func contextFix(p *analyze.Process, at *analyze.Frame) analyze.Fix {
	name := "loop"
	if m := withAs.FindStringSubmatch(strings.TrimPrefix(strings.TrimSpace(at.Text), "async ")); m != nil {
		name = m[1]
	}
	if since(p, 11) {
		return analyze.Fix{Summary: "use asyncio.run(), or asyncio.Runner where several runs share one loop", Code: lines("asyncio.run(main())", "# or", "with asyncio.Runner() as runner:", "    runner.run(main())")}
	}
	return analyze.Fix{Summary: "use asyncio.run(), or contextlib.closing() where the loop itself is needed", Code: lines("asyncio.run(main())", "# or", "with contextlib.closing(asyncio.new_event_loop()) as "+name+":", "    "+name+".run_until_complete(main())")}
}
