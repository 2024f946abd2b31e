package recorder

import (
	"runtime"
	"strings"
)

// Frame is one line of a stack.
type Frame struct {
	Function string // with its package: "net/http.(*Server).Serve"
	File     string
	Line     int
}

func (f Frame) String() string { return short(f.Function) }

// short is the name of a function without the directories of its package: "http.(*Server).Serve".
func short(name string) string {
	// A type argument may have slashes too: "main.Map[net/http.Handler]".
	end := strings.IndexByte(name, '[')
	if end < 0 {
		end = len(name)
	}
	return name[strings.LastIndexByte(name[:end], '/')+1:]
}

// resolve turns what runtime.Callers returns into frames, innermost first, without what the runtime puts under every
// goroutine, and without what the wrappers put between a task's function and whoever called it.
func resolve(pcs []uintptr) []runtime.Frame {
	if len(pcs) == 0 {
		return nil
	}
	out := make([]runtime.Frame, 0, len(pcs))
	for it := runtime.CallersFrames(pcs); ; {
		f, more := it.Next()
		if f.Function != "" && f.Function != "runtime.goexit" && f.Function != "runtime.main" && !isWrapper(f.Function) {
			out = append(out, f)
		}
		if !more {
			return out
		}
	}
}

func frames(pcs []uintptr) []Frame {
	var out []Frame
	for _, f := range resolve(pcs) {
		out = append(out, Frame{Function: f.Function, File: f.File, Line: f.Line})
	}
	return out
}

// callers returns the stack of the caller's caller, at most so many frames.
func callers(most int) []uintptr {
	pcs := make([]uintptr, most)
	return pcs[:runtime.Callers(3, pcs)]
}
