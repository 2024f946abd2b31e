package rule

import (
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// How a step spent its time.
type how int

const (
	waits           how = iota // in a call that blocks
	works                      // on the CPU
	imports                    // loading a module
	starts                     // starting or ending a thread or process, or in asyncio itself
	interpreterLock            // without the interpreter lock
	unseenHow                  // nobody could look
)

// held is what the samples say of one long step.
type held struct {
	how   how
	ns    int64          // that it took, without what the machine took
	at    *analyze.Frame // the line of the program; nil if there is none
	outer *analyze.Frame // the outermost line of the program
	inner *analyze.Frame // the innermost frame of the stack that was seen last at that line
	call  string         // what the line calls there: "time.sleep", "requests.api.get"; "" if that is not clear
	seen  int            // samples that saw the line
}

// look judges the samples of a step. It reports false if the step was not held by what it did.
func look(s *analyze.LongStep) (held, bool) {
	var h held
	locks, loads := 0, 0
	for _, sm := range s.Samples {
		if strings.EqualFold(sm.State, "t") || debugged(sm.Stack) {
			return h, false
		}
		if sm.Interpreter {
			locks++
		}
		if importing(sm.Stack) {
			loads++
		}
	}
	var share float64
	h.how, share = spent(s.Samples)
	h.ns = int64(float64(covered(s)) * share)
	if h.ns < heldNS*9/10 {
		return h, false
	}
	var stack []analyze.Frame
	h.at, stack, h.seen = agreed(s.Samples)
	if len(stack) > 0 {
		h.inner = &stack[0]
	}
	first := s.Samples[0].Stack
	if p := programPath(first); len(p) > 0 {
		h.outer = &first[p[0]]
	}
	h.call = callAt(h.at, stack, h.how)
	switch {
	case 2*loads > len(s.Samples):
		h.how, h.call = imports, ""
	case h.how == waits && 2*locks > len(s.Samples):
		h.how, h.call = interpreterLock, ""
	case h.how == waits && starting(stack), h.how == waits && h.ns < leavingNS && leaving(stack):
		h.how = starts
	}
	return h, true
}

// spent says whether the step computed or waited, and which share of its time was its own: not spent in waiting for a CPU.
func spent(samples []analyze.StepSample) (how, float64) {
	last := samples[len(samples)-1]
	if last.OverNS > 0 {
		over, own := float64(last.OverNS), float64(last.OverNS-min(last.WaitNS+queued(samples), last.OverNS))
		if cpu := float64(last.CPUNS); cpu > own/2 {
			return works, min(cpu/over, 1)
		}
		return waits, own / over
	}
	running := 0
	for _, s := range samples {
		if s.State == "R" {
			running++
		}
	}
	if 2*running > len(samples) {
		return works, 1
	}
	return waits, 1
}

// queued returns how long the thread had been waiting for a CPU at the last sample: the system adds that to its count only
// when the thread runs again. It is ready, and its counts stand still.
func queued(samples []analyze.StepSample) int64 {
	last := samples[len(samples)-1]
	from := last.OverNS
	for i := len(samples) - 1; i >= 0; i-- {
		s := samples[i]
		if s.State != "R" || s.CPUNS != last.CPUNS || s.WaitNS != last.WaitNS {
			return last.OverNS - from
		}
		from = s.OverNS
	}
	if last.CPUNS == 0 && last.WaitNS == 0 {
		return last.OverNS
	}
	return last.OverNS - from
}

// covered returns how much of the step's time was watched. Whoever samples does so when a step is three quarters of
// LongStepNS old and each time it is half as old again; if it did so much later, it stood still, and so may the program have.
func covered(s *analyze.LongStep) int64 {
	const (
		slack   = int64(150 * time.Millisecond)
		longest = int64(10 * time.Second)
	)
	expected, gaps := int64(analyze.LongStepNS), int64(0)
	for i := 0; i <= len(s.Samples); i++ {
		age := s.EndNS - s.BeginNS
		if i < len(s.Samples) {
			age = s.Samples[i].TimeNS - s.BeginNS
		}
		if late := age - expected; late > slack && i < maxRegular {
			gaps += late
		}
		expected = min(age+age/2, age+longest)
	}
	return s.EndNS - s.BeginNS - gaps
}

// maxRegular is how many samples of a step come regularly; later there may be none.
const maxRegular = 60

// debugged reports whether somebody is at a prompt in the stack.
func debugged(stack []analyze.Frame) bool {
	for _, f := range stack {
		if inModule(f, "bdb.py", "pdb.py", "code.py") || !f.User && strings.Contains(filepath.ToSlash(f.File), "/pydevd") {
			return true
		}
	}
	return false
}

func importing(stack []analyze.Frame) bool {
	for _, f := range stack {
		if strings.HasPrefix(f.File, "<frozen importlib") {
			return true
		}
	}
	return false
}

// vote is a line and how many samples were at it.
type vote struct {
	at    *analyze.Frame
	stack []analyze.Frame // inside the line
	n     int
}

// agreed returns the innermost line of the program that most samples agree on, the last stack inside it, and how many
// agree. A computation is at another line each time: then it is the line further out that led there.
func agreed(samples []analyze.StepSample) (at *analyze.Frame, stack []analyze.Frame, seen int) {
	paths := make([][]int, len(samples)) // indexes of the program's frames, outermost first
	for i, s := range samples {
		paths[i] = programPath(s.Stack)
	}
	for depth := 0; ; depth++ {
		var votes []*vote
		for i, p := range paths {
			if depth < len(p) {
				votes = cast(votes, &samples[i].Stack[p[depth]], samples[i].Stack[:p[depth]+1])
			}
		}
		byVotes(votes)
		switch {
		case len(votes) == 0:
			return at, stack, seen
		case 2*votes[0].n > len(samples), at == nil:
			at, stack, seen = votes[0].at, votes[0].stack, votes[0].n
		default:
			return at, stack, seen
		}
		for i, p := range paths { // only those that agree so far have a say further in
			if depth < len(p) && compareFrames(&samples[i].Stack[p[depth]], at) != 0 {
				paths[i] = nil
			}
		}
	}
}

func cast(votes []*vote, at *analyze.Frame, stack []analyze.Frame) []*vote {
	for _, v := range votes {
		if compareFrames(v.at, at) == 0 {
			v.n++
			v.stack = stack
			return votes
		}
	}
	return append(votes, &vote{at, stack, 1})
}

// programPath returns the indexes of the program's frames, outermost first. A generator expression, comprehension or lambda
// on the line that runs it is no frame of its own.
func programPath(stack []analyze.Frame) []int {
	var p []int
	for i := len(stack) - 1; i >= 0; i-- {
		f := &stack[i]
		if !f.User {
			continue
		}
		if n := len(p); n > 0 && p[n-1] == i+1 && strings.HasPrefix(f.Function, "<") {
			if outer := &stack[i+1]; outer.File == f.File && outer.Line == f.Line {
				continue
			}
		}
		p = append(p, i)
	}
	return p
}

var called = regexp.MustCompile(receiver + `\(`)

// callAt returns what is called at a line: the function of a library that it is in, else the one that the text names.
func callAt(at *analyze.Frame, stack []analyze.Frame, h how) string {
	if f := libraryFrame(stack); f != nil {
		return libraryCall(*f)
	}
	if at == nil || len(stack) > 1 || h == works {
		return ""
	}
	text := strings.TrimSpace(at.Text)
	if m := called.FindAllStringSubmatch(text, -1); len(m) == 1 {
		return m[0][1]
	}
	return ""
}

// libraryFrame returns the outermost frame of a library inside the line that is the last of stack, asyncio's own passed over
// if there is another. nil if there is none.
func libraryFrame(stack []analyze.Frame) *analyze.Frame {
	var first *analyze.Frame
	for i := len(stack) - 2; i >= 0; i-- {
		f := &stack[i]
		if f.User {
			continue
		}
		if !inAsyncio(*f) {
			return f
		}
		if first == nil {
			first = f
		}
	}
	return first
}

// starting reports whether asyncio, or what starts threads and processes, is at work inside the line: it takes as long as
// the machine takes, and there is no other way to do it.
func starting(stack []analyze.Frame) bool {
	for i := range stack[:max(len(stack)-1, 0)] {
		f := &stack[i]
		switch {
		case inAsyncio(*f),
			inModule(*f, "threading.py") && f.Function == "start",
			inModule(*f, "multiprocessing/process.py") && f.Function == "start",
			f.Function == "submit" && !f.User && strings.Contains(filepath.ToSlash(f.File), "/concurrent/futures/"):
			return true
		}
	}
	return false
}

// leavingNS is how long idle worker processes may take to end on a busy machine.
const leavingNS = int64(time.Second)

// leaving reports whether the end of worker processes is awaited inside the line. If their work is done, that takes as long
// as the machine takes.
func leaving(stack []analyze.Frame) bool {
	for i := range stack[:max(len(stack)-1, 0)] {
		f := &stack[i]
		if inModule(*f, "concurrent/futures/process.py") && f.Function == "shutdown" ||
			inModule(*f, "multiprocessing/process.py") && f.Function == "join" {
			return true
		}
	}
	return false
}

var libraryRoots = regexp.MustCompile(`^.*/(?:site-packages|dist-packages|python3(?:\.\d+)?)/`)

// libraryCall names a function of a library as it is imported: "subprocess.run", "requests.api.get".
func libraryCall(f analyze.Frame) string {
	if strings.HasPrefix(f.Function, "<") {
		return ""
	}
	file := libraryRoots.ReplaceAllString(filepath.ToSlash(f.File), "")
	if strings.HasPrefix(file, "/") || strings.HasPrefix(file, "<") {
		file = filepath.Base(file)
	}
	module := strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "/__init__"), "/", ".")
	name := f.Function
	if strings.HasSuffix(f.Qualname, "."+name) && !strings.Contains(f.Qualname, "<") {
		name = f.Qualname
	}
	return module + "." + name
}
