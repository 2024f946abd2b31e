package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func uncaughtException() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "uncaught-exception", Severity: analyze.Note, Since: "0.2",
			Title: "exception that ended the program or a thread",
			Doc: `An exception that nobody caught ended the program, or a thread. It is told because what was live then follows from it;
whether it is a fault of the program, looptrace cannot say.

**Reported** as a note for every such exception, once a program uses asyncio. Where another finding explains it, it is told there.

**Not reported**: SystemExit, and the KeyboardInterrupt of a Ctrl-C; exceptions of tasks, which stay in the task.

**Fix**: what the traceback says.`,
		},
		Check: checkUncaught,
	}
}

func checkUncaught(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, x := range p.Failures {
			if x.Ended != analyze.FailedProcess && x.Ended != analyze.FailedThread || x.Exception == systemExit || x.Exception == keyboardInterrupt {
				continue
			}
			f := analyze.Finding{At: x.At, Process: p, Message: fmt.Sprintf("%s ended %s", x.Exception, ended(x))}
			var e evidence
			text := "raised here"
			if x.Words != "" {
				text += ": " + x.Words
			}
			e.add(x.TimeNS, x.At, "%s", text)
			for i := range x.Stack {
				if outer := &x.Stack[i]; outer.User && compareFrames(outer, x.At) != 0 && len(e) < maxCallers {
					e.add(-1, outer, "called from here%s", inFunction(outer))
				}
			}
			f.Evidence = e
			report(f)
		}
	}
}

// maxCallers bounds how many lines of a traceback are told.
const maxCallers = 8

// sameException holds for an uncaught exception whose traceback passes the line of another finding of the same process that
// was there before it.
func sameException(root, symptom *analyze.Finding) bool {
	if root.Process != symptom.Process || root.At == nil || timeOf(root) > timeOf(symptom) {
		return false
	}
	for i := range symptom.Evidence {
		if at := symptom.Evidence[i].At; at != nil && compareFrames(at, root.At) == 0 {
			return true
		}
	}
	return false
}
