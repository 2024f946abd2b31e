package analyze

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// chain is an interned await chain of one stream.
type chain struct {
	state  string
	frames []Frame // outermost first
	at     *Frame
	kind   string  // of what its end waits for
	waited *Waited // that the last wait in it was added to
}

var noChain = &chain{kind: "none"}

// runnableChain is where a goroutine stands that was woken and has not run since.
var runnableChain = &chain{kind: "none", state: "runnable"}

// chain resolves a chain of the current stream.
func (p *proc) chain(id tracefile.ChainID) *chain {
	if id == 0 {
		return noChain
	}
	if c := p.chains.get(uint32(id)); c != nil {
		return c
	}
	def := p.b.src.Chain(id)
	c := &chain{state: def.State, frames: p.frames(def.Frames)}
	library := 0 // index of the first frame below the program's innermost one
	for i := len(c.frames) - 1; i >= 0; i-- {
		if c.frames[i].User {
			c.at, library = &c.frames[i], i+1
			break
		}
	}
	c.kind = awaited(def.On, c.frames[library:], p.pub.Version)
	p.chains.put(uint32(id), c)
	return c
}

// awaited refines what the recorder saw by type with the library functions that wait: a sleep, a queue and an event all
// wait for a plain future. The innermost one that means something decides.
func awaited(on string, library []Frame, version [3]int) string {
	on = strings.ToLower(on)
	switch on {
	case "gather", "shield", "executor", "task":
		// These are the awaited object itself, and more exact than who awaits it; only the process pool of a
		// library function is not.
		return on
	}
	for i := range library { // a Barrier waits with the help of a Condition
		if asyncioFile(&library[i]) == "locks.py" && strings.HasPrefix(library[i].Qualname, "Barrier.") {
			return "barrier"
		}
	}
	for i := len(library) - 1; i >= 0; i-- {
		if kind := waitsIn(&library[i], version); kind != "" {
			return kind
		}
	}
	if on == "" {
		return "none"
	}
	return on
}

// waitsIn says what a function of asyncio waits for, "" if it does not tell.
func waitsIn(f *Frame, version [3]int) string {
	switch file := asyncioFile(f); file {
	case "tasks.py":
		return taskWaits[f.Function]
	case "queues.py":
		return "queue"
	case "locks.py":
		return lockKind(f, version)
	case "streams.py", "selector_events.py", "proactor_events.py", "unix_events.py", "windows_events.py", "sslproto.py":
		return "io"
	case "base_events.py":
		return baseWaits[f.Function]
	case "subprocess.py", "base_subprocess.py":
		return "subprocess"
	case "threads.py":
		return "executor"
	}
	return ""
}

var taskWaits = map[string]string{
	"sleep": "sleep", "wait": "wait", "_wait": "wait", "wait_for": "wait_for", "_wait_for_one": "wait", "_cancel_and_wait": "wait",
}

var baseWaits = map[string]string{
	"getaddrinfo": "executor", "getnameinfo": "executor", "shutdown_default_executor": "executor", "create_connection": "io",
	"sendfile": "io", "sock_sendfile": "io", "start_tls": "io", "create_server": "io", "_connect_sock": "io",
	"subprocess_exec": "subprocess", "subprocess_shell": "subprocess",
}

// lockKind tells the primitives of locks.py apart: by the class where the interpreter names it (3.11), else by line.
func lockKind(f *Frame, version [3]int) string {
	class, _, ok := strings.Cut(f.Qualname, ".")
	if ok {
		switch class {
		case "Lock", "Event", "Condition", "Semaphore", "Barrier":
			return strings.ToLower(class)
		case "BoundedSemaphore":
			return "semaphore"
		}
		return ""
	}
	// In every version without class names, Lock and Event come before Condition, and Semaphore is last.
	switch f.Function {
	case "acquire":
		if f.Line < 300 {
			return "lock"
		}
		return "semaphore"
	case "wait":
		firstCondition := 220
		if version[0] == 3 && version[1] < 9 {
			firstCondition = 315
		}
		if f.Line < firstCondition {
			return "event"
		}
		return "condition"
	case "wait_for":
		return "condition"
	}
	return ""
}
