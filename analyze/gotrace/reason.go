package gotrace

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// wait is what a goroutine waits for, in the words of Chain.On; "" if that is not known.
type wait string

// What Chain.On says of goroutines.
const (
	onReceive   wait = "chan-receive"
	onSend      wait = "chan-send"
	onSelect    wait = "select"
	onSleep     wait = "sleep"
	onMutex     wait = "mutex"
	onRWMutex   wait = "rwmutex"
	onWaitGroup wait = "waitgroup"
	onCond      wait = "cond"
	onOnce      wait = "once"
	onSemaphore wait = "semaphore"
	onIO        wait = "io"
	onSyscall   wait = "syscall"
	onForever   wait = "forever"
	onGC        wait = "gc"
	onSync      wait = "sync"
	onSystem    wait = "system"    // a goroutine of the runtime itself
	onCoroutine wait = "coroutine" // its turn: iter.Pull and what ranges over its sequence take turns
)

// byReason says what the reasons of the runtime mean (runtime/traceruntime.go: traceBlockReasonStrings). "sync" is refined by
// the stack.
func byReason(reason string) wait {
	switch reason {
	case "chan receive":
		return onReceive
	case "chan send":
		return onSend
	case "select":
		return onSelect
	case "sleep":
		return onSleep
	case "sync":
		return onSync
	case "sync.(*Cond).Wait":
		return onCond
	case "network":
		return onIO
	case "forever":
		return onForever
	case "GC mark assist wait for work", "GC background sweeper wait", "wait until GC ends", "GC weak to strong wait":
		return onGC
	case "system goroutine wait":
		return onSystem
	case "synctest":
		return onSync
	}
	return ""
}

// ofProgram reports whether a goroutine blocks for a reason of its own: not because the runtime stops it for a moment to look
// at its stack.
func ofProgram(reason string) bool {
	return reason != "preempted" && reason != "wait for debug call"
}

// onAt says what a goroutine that blocks for a reason at a stack waits for; reason "" if the trace has none.
func (s *stacks) onAt(reason string, id tracefile.StackID) wait {
	on := byReason(reason)
	if on != "" && on != onSync {
		return on
	}
	st := s.get(id)
	if st == nil {
		return on
	}
	if !st.waited {
		st.wait, st.waited = byStack(st.frames), true
	}
	if st.wait == "" {
		return on
	}
	return st.wait
}

// byStack tells from its stack what a goroutine waits for. It ends in frames of runtime, sync and the like, and the outermost
// of these that means something decides: a sync.RWMutex waits in its sync.Mutex, which waits in a semaphore of the runtime.
func byStack(frames []tracefile.Frame) wait {
	var on wait
	for i := range frames {
		w, ok := byFunction(&frames[i], on)
		if !ok {
			break
		}
		if w != "" {
			on = w
		}
	}
	return on
}

// byFunction says what a function of the standard library waits for that was found to wait for inner further in; ok is false
// for a function that does not tell, and beyond which nothing does.
func byFunction(f *tracefile.Frame, inner wait) (on wait, ok bool) {
	pkg, name, _ := strings.Cut(f.Qualname, ".")
	switch pkg {
	case "runtime":
		return byRuntime(name), true
	case "sync", "internal/sync":
		return bySync(name, inner)
	case "time":
		if name == "Sleep" {
			return onSleep, true
		}
	case "internal/poll":
		if name == "runtime_pollWait" {
			return onIO, true
		}
		return "", true
	case "os/signal":
		if name == "signal_recv" {
			return onForever, true
		}
	case "syscall", "internal/runtime/syscall", "internal/syscall/unix":
		return onSyscall, true
	}
	return "", false
}

func byRuntime(name string) wait {
	switch name {
	case "chanrecv", "chanrecv1", "chanrecv2":
		return onReceive
	case "chansend", "chansend1":
		return onSend
	case "selectgo":
		return onSelect
	case "block":
		return onForever
	case "timeSleep":
		return onSleep
	case "netpollblock":
		return onIO
	case "semacquire", "semacquire1":
		return onSemaphore
	case "notifyListWait":
		return onCond
	case "coroswitch":
		return onCoroutine
	case "gcBgMarkWorker", "bgsweep", "bgscavenge", "forcegchelper", "runfinq", "runFinalizers", "runCleanups":
		return onSystem
	}
	return ""
}

// bySync is byFunction for the package sync and what it is made of.
func bySync(name string, inner wait) (on wait, ok bool) {
	receiver, method, _ := strings.Cut(name, ").")
	switch receiver {
	case "(*Mutex":
		return onMutex, true
	case "(*RWMutex":
		return onRWMutex, true
	case "(*WaitGroup":
		if method == "Wait" {
			return onWaitGroup, true
		}
	case "(*Cond":
		if inner == onMutex || inner == onRWMutex { // woken, it locks again
			return inner, true
		}
		return onCond, true
	case "(*Once":
		if inner == onMutex { // held by who is in it
			return onOnce, true
		}
	case "(*Map", "(*HashTrieMap", "(*Pool":
		return inner, true
	}
	switch {
	case strings.HasPrefix(name, "runtime_notifyListWait"):
		return onCond, true
	case strings.HasPrefix(name, "runtime_Semacquire"):
		return onSemaphore, true
	}
	return "", false
}
