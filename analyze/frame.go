package analyze

import (
	"path"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// stack is an interned stack of one stream, innermost frame first.
type stack struct {
	frames []Frame
	at     *Frame // innermost frame of the program
}

func (s *stack) list() []Frame {
	if s == nil {
		return nil
	}
	return s.frames
}

func (s *stack) user() *Frame {
	if s == nil {
		return nil
	}
	return s.at
}

// stack resolves a stack of the current stream; nil for id 0.
func (p *proc) stack(id tracefile.StackID) *stack {
	if id == 0 {
		return nil
	}
	if s := p.stacks.get(uint32(id)); s != nil {
		return s
	}
	s := &stack{frames: p.frames(p.b.src.Stack(id))}
	s.at = innermost(s.frames)
	p.stacks.put(uint32(id), s)
	return s
}

// stackAttr resolves the stack that an attribute names.
func (p *proc) stackAttr(e *tracefile.Event, key string) *stack {
	return p.stack(tracefile.StackID(number(e.Attrs.Get(key))))
}

func (p *proc) frames(in []tracefile.Frame) []Frame {
	if len(in) == 0 {
		return nil
	}
	out := make([]Frame, len(in))
	for i, f := range in {
		out[i] = p.frame(f)
	}
	return out
}

func (p *proc) frame(f tracefile.Frame) Frame {
	out := Frame{File: f.File, Line: f.Line, Function: f.Function, Qualname: f.Qualname, Text: f.Text}
	if out.File != "" && out.File[0] != '/' && out.File[0] != '<' && p.pub.Cwd != "" && !p.pub.Go() {
		out.File = path.Join(p.pub.Cwd, out.File)
	}
	if out.Qualname == "" {
		out.Qualname = out.Function
	}
	out.User = p.userFile(out.File) && !(p.pub.Go() && (strings.HasPrefix(out.Qualname, recorderPackage) || goStandard(&out)))
	return out
}

// userFile reports whether a file belongs to the program. Code that was never in a file does, frozen modules and the recorder's
// own code excepted.
func (p *proc) userFile(file string) bool {
	user, ok := p.userFiles[file]
	if !ok && p.pub.Go() {
		user = file != "" && p.libraryPath(file) == file && !goLibrary(file)
		p.userFiles[file] = user
	} else if !ok {
		user = file != "" && !strings.HasPrefix(file, "<frozen ") && !strings.HasPrefix(file, recorderFiles) && p.libraryPath(file) == file
		p.userFiles[file] = user
	}
	return user
}

// recorderFiles is what the names of the files of the recorder's own code begin with.
const recorderFiles = "<looptrace>/"

// libraryPath returns the path of a library file as an import would spell it ("asyncio/streams.py"), and any other file
// unchanged.
func (p *proc) libraryPath(file string) string {
	best := ""
	for _, dir := range p.libraries {
		if len(dir) > len(best) && strings.HasPrefix(file, dir) {
			best = dir
		}
	}
	return file[len(best):]
}

// innermost returns the innermost frame of the program in a stack, nil if there is none.
func innermost(frames []Frame) *Frame {
	for i := range frames {
		if frames[i].User {
			return &frames[i]
		}
	}
	return nil
}

// caller is innermost for a call of method on an object of class: a frame of a subclass's method that only hands the call
// on to its base is passed over, unless there is no frame further out.
func caller(frames []Frame, method, class string) *Frame {
	var first *Frame
	for i := range frames {
		f := &frames[i]
		if !f.User {
			continue
		}
		if first == nil {
			first = f
		}
		if !overrides(f, method, class) {
			return f
		}
	}
	return first
}

// overrides reports whether f is the method of a subclass that calls the same method of its base.
func overrides(f *Frame, method, class string) bool {
	if f.Function != method {
		return false
	}
	if owner, ok := strings.CutSuffix(f.Qualname, "."+method); ok && class != "" && lastPart(owner) == class {
		return true
	}
	return callsBase(f.Text, method)
}

// callsBase recognises super().method(…), super(Class, self).method(…) and Base.method(self, …).
func callsBase(text, method string) bool {
	call := "." + method + "("
	i := strings.Index(text, call)
	if i < 0 {
		return false
	}
	return strings.Contains(text[:i], "super(") || strings.HasPrefix(strings.TrimSpace(text[i+len(call):]), "self")
}

func lastPart(dotted string) string {
	return dotted[strings.LastIndexByte(dotted, '.')+1:]
}

// asyncioFile returns the module of asyncio that a frame is in ("tasks.py"), "" for any other.
func asyncioFile(f *Frame) string {
	if f.User {
		return ""
	}
	dir, file := path.Split(f.File)
	if strings.HasSuffix(dir, "/asyncio/") || dir == "asyncio/" {
		return file
	}
	return ""
}

func inAsyncio(f *Frame, file, function string) bool {
	return f.Function == function && asyncioFile(f) == file
}
