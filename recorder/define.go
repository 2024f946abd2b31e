package recorder

import (
	"runtime"
	"strconv"
	"strings"
)

// ids are the numbers of what the facts have defined.
type ids struct {
	codes                              map[code]uint32
	stacks                             map[string]uint32
	chains                             map[string]uint32
	lastStack, lastChain, sites, names uint32
}

type code struct{ function, file string }

func (d *ids) init() {
	d.codes, d.stacks, d.chains = map[code]uint32{}, map[string]uint32{}, map[string]uint32{}
}

// maxDefined bounds the stacks and chains that are remembered; one that comes after is defined as often as it is used.
const maxDefined = 1 << 15

// next gives a number to a definition and remembers it.
func next(known map[string]uint32, last *uint32, key string) uint32 {
	*last++
	if len(known) < maxDefined {
		known[key] = *last
	}
	return *last
}

// code defines a function, and returns its number.
func (s *spool) code(function, file string, first int) uint32 {
	key := code{function, file}
	if id, ok := s.ids.codes[key]; ok {
		return id
	}
	id := uint32(len(s.ids.codes) + 1)
	s.ids.codes[key] = id
	s.define("=code", id).text("file", file).num("line", uint64(max(first, 0))).text("function", short(function)).text("qualname", function).end()
	return id
}

func (s *spool) define(kind string, id uint32) line {
	s.buf = append(append(s.buf, kind...), ' ')
	s.buf = strconv.AppendUint(s.buf, uint64(id), 10)
	return line{s}
}

// lines returns frames as definitions have them, and defines their functions. They are in the order of pcs, or in the
// opposite one.
func (s *spool) lines(stack []uintptr, outermostFirst bool) string {
	var list []byte
	frames := resolve(stack)
	for i := range frames {
		f := &frames[i]
		if outermostFirst {
			f = &frames[len(frames)-1-i]
		}
		first := 0
		if f.Func != nil {
			_, first = f.Func.FileLine(f.Func.Entry())
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendUint(list, uint64(s.code(f.Function, f.File, first)), 10)
		list = strconv.AppendInt(append(list, ':'), int64(f.Line), 10)
	}
	if list == nil {
		return "-"
	}
	return string(list)
}

// stack defines a stack; 0 for an empty one.
func (s *spool) stack(pcs []uintptr) uint64 {
	if len(pcs) == 0 {
		return 0
	}
	list := s.lines(pcs, false)
	if id, ok := s.ids.stacks[list]; ok {
		return uint64(id)
	}
	id := next(s.ids.stacks, &s.ids.lastStack, list)
	s.define("=stack", id).word(list).end()
	return uint64(id)
}

// chain defines where a task stands.
func (s *spool) chain(state, on string, pcs []uintptr) uint64 {
	list := s.lines(pcs, true)
	key := state + " " + on + " " + list
	if id, ok := s.ids.chains[key]; ok {
		return uint64(id)
	}
	id := next(s.ids.chains, &s.ids.lastChain, key)
	s.define("=chain", id).text("state", state).text("on", on).word(list).end()
	return uint64(id)
}

// site defines where tasks are made, and of which function.
func (s *spool) site(loop uint32, fn uintptr, name string, pcs []uintptr) uint32 {
	stack := s.stack(pcs)
	coro, def := name, uint32(0)
	if f := runtime.FuncForPC(fn); f != nil {
		coro = strings.TrimSuffix(f.Name(), "-fm") // the wrapper of a method value is in no file
		if file, first := f.FileLine(f.Entry()); coro == f.Name() {
			def = s.code(coro, file, first)
		}
	}
	s.ids.sites++
	s.define("=site", s.ids.sites).num("stack", stack).num("loop", uint64(loop)).text("coro", coro).num("code", uint64(def)).end()
	return s.ids.sites
}

// name defines a name.
func (s *spool) name(text string) uint32 {
	s.ids.names++
	s.define("=name", s.ids.names).text("text", text).end()
	return s.ids.names
}

// word adds a word that is no field.
func (l line) word(text string) line {
	l.s.buf = append(append(l.s.buf, ' '), text...)
	return l
}
