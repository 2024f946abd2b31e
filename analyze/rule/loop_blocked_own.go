package rule

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// inherited reports whether a step is a forked child's copy of its parent's: no loop runs there, so none is held.
func inherited(s *analyze.LongStep) bool { return s.Loop != nil && s.Loop.Inherited != nil }

// ofRecorder reports whether the recorder held the loop, rather than the program: when it gets to work, on a busy machine.
func ofRecorder(s *analyze.LongStep) bool {
	n := 0
	for _, sm := range s.Samples {
		for _, f := range sm.Stack {
			if strings.HasPrefix(f.File, "<looptrace>/") {
				n++
				break
			}
		}
	}
	return 2*n >= len(s.Samples) && n > 0
}

// ownSteps says how often the recorder held a loop, which is no fault of the program.
func ownSteps(run *analyze.Run, p *analyze.Process) {
	n, longest := 0, int64(0)
	for _, s := range p.LongSteps {
		if ofRecorder(s) {
			n++
			longest = max(longest, s.EndNS-s.BeginNS)
		}
	}
	if n > 0 {
		remark(run, fmt.Sprintf("%sthe recording itself held the event loop %s, for %s at most", inProcess(run, p), verb(n, "once", count(n, "time")), seconds(longest)))
	}
}

// sameTask reports whether one task took all of the steps.
func (b *blockage) sameTask() bool {
	for _, s := range b.steps {
		if s.Task != b.longest.Task {
			return false
		}
	}
	return true
}
