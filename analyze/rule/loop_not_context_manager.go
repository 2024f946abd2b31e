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

**Reported** when that error ended the program and the line is a with statement on a loop.

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
var bareWith = regexp.MustCompile(`^(?:async\s+)?with\s+(?:(?:\w+\.)?(?:get|new)_event_loop\(\)|(?:\w+\.)?\w*loop)(?:\s+as\s+\w+)?\s*:`)

func checkNotContextManager(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		at := firstUser(p.Exit.UncaughtStack)
		if at == nil || !failedWith(p) {
			continue
		}
		if at.Text == "" {
			undecided(run, fmt.Sprintf("loop-not-context-manager: the source of %s is not known, so whether its with statement was on a loop is not decided", place(p, at)))
			continue
		}
		named := classNamed(p)
		if !named && !withLoop.MatchString(strings.TrimSpace(at.Text)) {
			continue
		}
		l := unusedLoop(p)
		if l == nil && !named {
			continue
		}
		var e evidence
		e.add(p.Exit.TimeNS, at, "%s: %s", p.Exit.Uncaught, p.Exit.UncaughtText)
		if l != nil && l.At != nil {
			e.add(l.OpenedNS, l.At, "the loop was opened here, and never ran")
		}
		report(analyze.Finding{
			At: at, Process: p, Loop: l, Evidence: e, Fix: contextFix(p, at),
			Message: "an event loop is no context manager: the with statement failed before its body ran, so the loop never ran",
		})
	}
}

// failedWith reports whether the exception that ended the program can be that of a with statement on a loop.
func failedWith(p *analyze.Process) bool {
	text := p.Exit.UncaughtText
	if text == "" && (p.Exit.Uncaught == "AttributeError" || p.Exit.Uncaught == "TypeError") {
		at := firstUser(p.Exit.UncaughtStack) // the text was not recorded: only a with on nothing but the loop will do
		return at != nil && bareWith.MatchString(strings.TrimSpace(at.Text))
	}
	switch p.Exit.Uncaught {
	case "AttributeError":
		return strings.HasSuffix(text, "__enter__") || strings.HasSuffix(text, "__aenter__") || strings.HasSuffix(text, "__exit__") || strings.HasSuffix(text, "__aexit__")
	case "TypeError":
		return strings.Contains(text, "context manager protocol") && strings.Contains(text, "object does not support")
	}
	return false
}

// classNamed reports whether the error names the class of a loop of the process.
func classNamed(p *analyze.Process) bool {
	for _, l := range p.Loops {
		if l.Class == "" {
			continue
		}
		name := l.Class[strings.LastIndex(l.Class, ".")+1:]
		if strings.Contains(p.Exit.UncaughtText, "'"+name+"'") || strings.Contains(p.Exit.UncaughtText, "."+name+"'") {
			return true
		}
	}
	return false
}

// unusedLoop returns the last loop of a process that was opened and never ran.
func unusedLoop(p *analyze.Process) *analyze.Loop {
	for i := len(p.Loops) - 1; i >= 0; i-- {
		if l := p.Loops[i]; len(l.Runs) == 0 && (l.ClosedBy == nil || l.ClosedBy.Implicit) {
			return l
		}
	}
	return nil
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
