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

// site is where tasks are made.
type site struct{ pcs []uintptr }

// wait is where and for what tasks wait.
type wait struct {
	reason string
	pcs    []uintptr
}

// site returns where the caller's caller stands, skip frames further out.
func (r *Recorder) site(skip int) *site {
	if r.opts.depth == 0 {
		return nil
	}
	var pcs [maxDepth]uintptr
	n := runtime.Callers(skip+2, pcs[:r.opts.depth])
	return &site{pcs: append([]uintptr(nil), pcs[:n]...)}
}

func (r *Recorder) wait(reason string, skip int) *wait {
	var pcs [4]uintptr
	n := runtime.Callers(skip+2, pcs[:])
	return &wait{reason: clip(reason), pcs: append([]uintptr(nil), pcs[:n]...)}
}

// frames resolves the program counters of a stack, innermost first, without what the runtime puts under every goroutine.
func frames(pcs []uintptr) []Frame {
	if len(pcs) == 0 {
		return nil
	}
	out := make([]Frame, 0, len(pcs))
	for it := runtime.CallersFrames(pcs); ; {
		f, more := it.Next()
		if f.Function != "" && f.Function != "runtime.goexit" && f.Function != "runtime.main" {
			out = append(out, Frame{Function: f.Function, File: f.File, Line: f.Line})
		}
		if !more {
			return out
		}
	}
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
