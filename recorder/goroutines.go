package recorder

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
)

// The labels of goroutines that run a task: profiles and crash dumps show them, and so the goroutine of a task is found.
const (
	labelTask = "looptrace.task"
	labelName = "looptrace.name"
)

// label gives the goroutine the labels of the task beside those of ctx, and returns the context that has them.
func (t *Task) label(ctx context.Context) context.Context {
	t.labeled.Store(true)
	ctx = pprof.WithLabels(ctx, pprof.Labels(labelTask, t.labelID(), labelName, t.name))
	pprof.SetGoroutineLabels(ctx)
	return ctx
}

// labelID is the ID of the task in labels. Those of all Recorders but the first of the process begin with the Recorder's number,
// because each counts from 1.
func (t *Task) labelID() string {
	id := strconv.FormatUint(t.id, 10)
	if n := t.loop.rec.number; n > 1 {
		return strconv.FormatUint(n, 10) + "." + id
	}
	return id
}

func unlabel(ctx context.Context) { pprof.SetGoroutineLabels(ctx) }

// maxGoroutines is with how many goroutines they are still looked through: the program stands still for a moment, and each has
// a stack to be written.
const maxGoroutines = 20_000

// find looks for the goroutines that run tasks and notes where they are blocked. It returns the ID of the task whose goroutine
// this is, 0 if it runs none.
func find(list []*liveTask) (caller uint64) {
	byID := map[string]*liveTask{}
	for _, t := range list {
		if t.labeled.Load() {
			byID[t.labelID()] = t
		}
	}
	if len(byID) == 0 || runtime.NumGoroutine() > maxGoroutines {
		return 0
	}
	var text bytes.Buffer
	if pprof.Lookup("goroutine").WriteTo(&text, 1) != nil {
		return 0
	}
	var stack []uintptr
	for line := range bytes.Lines(text.Bytes()) {
		if _, addresses, ok := bytes.Cut(line, []byte(" @ ")); ok && line[0] != '#' {
			stack = parseStack(string(addresses))
		} else if labels, ok := bytes.CutPrefix(line, []byte("# labels: ")); ok {
			if t := byID[labelledTask(string(labels))]; t != nil && t.runsIn(stack) {
				caller = t.id
			}
		}
	}
	return caller
}

func parseStack(addresses string) []uintptr {
	var stack []uintptr
	for _, field := range strings.Fields(addresses) {
		pc, err := strconv.ParseUint(field, 0, 64)
		if err != nil {
			return nil
		}
		stack = append(stack, uintptr(pc))
	}
	return stack
}

// labelledTask reads the ID out of the labels as a profile prints them. Quotes in the program's own labels have a backslash.
func labelledTask(labels string) string {
	_, after, _ := strings.Cut(labels, `"`+labelTask+`":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}

// The frames by which goroutines are told apart. A goroutine that one of a task has started has its labels too, but not run.
const (
	ownPackage = "github.com/looptrace/looptrace/recorder."
	ownRun     = ownPackage + "(*Task).run"
	ownFind    = ownPackage + "find"
)

// wrappers are what stands between the function of a task and its caller, as beginnings of names.
var wrappers = []string{"(*Task).run", "(*job).run", "(*Loop).Go.", "(*Loop).Do.", "(*Loop).Func.", "(*Loop).FuncErr.", "Arg["}

// runsIn notes where the task is, if the stack, of a goroutine with its labels, is the one that runs it. It reports whether
// it is the stack of this very call.
func (t *liveTask) runsIn(stack []uintptr) bool {
	var inner []runtime.Frame // than run
	here, runs := false, false
	for _, pc := range stack {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		if f.Function == ownRun {
			runs = true
			break
		}
		here = here || f.Function == ownFind
		inner = append(inner, f)
	}
	if !runs || t.found {
		return false
	}
	t.found = true
	if here {
		t.state, t.stack, t.reason = running, nil, ""
		return true
	}
	if from, on := blocked(inner); on != "" {
		t.stack = stack[from:len(inner)]
		if t.state != suspended || t.reason == "" {
			t.reason = on
		}
		t.state = suspended
	} else if t.state != suspended {
		t.stack = nil
	}
	return false
}

func isWrapper(function string) bool {
	name, ok := strings.CutPrefix(function, ownPackage)
	return ok && slices.ContainsFunc(wrappers, func(w string) bool { return strings.HasPrefix(name, w) })
}

// blocked says what a goroutine with this stack is blocked on, and which frame says so: "" if it runs, or may.
func blocked(stack []runtime.Frame) (at int, on string) {
	if len(stack) == 0 {
		return 0, ""
	}
	parked := stack[0].Function == "runtime.gopark"
	for i := range stack {
		name := stack[i].Function
		if kind := blockers[name]; kind != "" && parked {
			return i, kind
		}
		if strings.HasPrefix(name, "syscall.Syscall") || strings.HasPrefix(name, "syscall.RawSyscall") {
			return i, "syscall"
		}
		if !strings.HasPrefix(name, "runtime.") && !strings.Contains(name, "runtime/") {
			break
		}
	}
	if parked {
		return 0, "sync"
	}
	return 0, ""
}

// blockers are the functions of Go 1.22 to 1.26 in which goroutines are parked, and what that means.
var blockers = map[string]string{
	"runtime.chanrecv1": "chan-receive", "runtime.chanrecv2": "chan-receive", "runtime.chansend1": "chan-send",
	"runtime.selectgo": "select", "runtime.block": "forever", "time.Sleep": "sleep", "os/signal.signal_recv": "forever",
	"sync.runtime_SemacquireMutex": "mutex", "internal/sync.runtime_SemacquireMutex": "mutex",
	"sync.runtime_SemacquireRWMutex": "rwmutex", "sync.runtime_SemacquireRWMutexR": "rwmutex",
	"sync.runtime_SemacquireWaitGroup": "waitgroup", "sync.runtime_Semacquire": "semaphore",
	"sync.runtime_notifyListWait": "cond", "internal/poll.runtime_pollWait": "io",
}
