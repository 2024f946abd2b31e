package gotrace

import (
	"hash/maphash"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// stacks interns the stacks of a trace. A handle of the reader is good for one generation; the same stack has another one in
// the next.
type stacks struct {
	text    tracefile.FrameText // nil: frames have no text
	close   *matcher
	handles map[trace.Stack]tracefile.StackID // of this generation
	byHash  map[uint64][]tracefile.StackID
	list    []stack // by id - 1
	names   map[string]*function
	seed    maphash.Seed
	scratch []tracefile.Frame
	sites   map[siteKey]tracefile.SiteID
	siteDef []tracefile.Site // by id - 1
	chains  map[chainKey]tracefile.ChainID
	chain   []tracefile.Chain                       // by id - 1
	trimmed map[tracefile.StackID]tracefile.StackID // see outside
	tooMany bool
	lost    int // stacks that the trace does not have
}

// stack is an interned stack.
type stack struct {
	frames  []tracefile.Frame // innermost first
	closing uint64            // which functions that close something are on it: see matcher
	wait    wait              // what a goroutine that is suspended there waits for
	waited  bool              // wait is known
}

// function is the name of a function in the forms that a frame has.
type function struct {
	full, short string
	closing     uint64
}

type siteKey struct {
	at, start tracefile.StackID
	name      string // in place of start
}

type chainKey struct {
	stack     tracefile.StackID
	state, on string
}

// maxStacks bounds what a damaged or hostile trace can make us keep; programs have some thousand distinct stacks.
const maxStacks = 1 << 20

func newStacks(s settings) *stacks {
	return &stacks{
		text:    s.text,
		close:   newMatcher(s.CloseFuncs, s.hit),
		handles: map[trace.Stack]tracefile.StackID{},
		byHash:  map[uint64][]tracefile.StackID{},
		names:   map[string]*function{},
		seed:    maphash.MakeSeed(),
		sites:   map[siteKey]tracefile.SiteID{},
		chains:  map[chainKey]tracefile.ChainID{},
		trimmed: map[tracefile.StackID]tracefile.StackID{},
	}
}

// forget drops the handles of a generation that ended; they would keep all of it in memory.
func (s *stacks) forget() { clear(s.handles) }

// id returns the id of a stack, 0 for none.
func (s *stacks) id(handle trace.Stack) tracefile.StackID {
	if handle == trace.NoStack {
		return 0
	}
	if id, ok := s.handles[handle]; ok {
		return id
	}
	id := s.intern(handle)
	s.handles[handle] = id
	return id
}

func (s *stacks) intern(handle trace.Stack) (id tracefile.StackID) {
	defer func() {
		if recover() != nil { // a stack that is not in the trace: that of an old one may have been cut off
			s.lost++
			id = 0
		}
	}()
	return s.internFrames(func(yield func(function, file string, line uint64)) {
		for f := range handle.Frames() {
			yield(f.Func, f.File, f.Line)
		}
	})
}

// internFrames returns the id of the stack whose frames each visits, innermost first.
func (s *stacks) internFrames(each func(yield func(function, file string, line uint64))) tracefile.StackID {
	frames := s.scratch[:0]
	var h maphash.Hash
	h.SetSeed(s.seed)
	each(func(function, file string, line uint64) {
		name := s.function(function)
		frames = append(frames, tracefile.Frame{File: file, Line: lineOf(line), Function: name.short, Qualname: name.full})
		h.WriteString(function)
		h.WriteString(file)
		maphash.WriteComparable(&h, line)
	})
	s.scratch = frames
	if len(frames) == 0 {
		return 0
	}
	sum := h.Sum64()
	for _, id := range s.byHash[sum] {
		if sameFrames(s.list[id-1].frames, frames) {
			return id
		}
	}
	if len(s.list) >= maxStacks {
		s.tooMany = true
		return 0
	}
	s.list = append(s.list, s.keep(frames))
	id := tracefile.StackID(len(s.list))
	s.byHash[sum] = append(s.byHash[sum], id)
	return id
}

// keep makes a stack of frames whose strings are the reader's and shared by all of a generation.
func (s *stacks) keep(frames []tracefile.Frame) stack {
	out := stack{frames: make([]tracefile.Frame, len(frames))}
	for i, f := range frames {
		name := s.function(f.Qualname)
		f.File = s.function(f.File).full
		if s.text != nil && strings.HasSuffix(f.File, ".go") {
			f.Text = s.text(f.File, f.Line)
		}
		out.frames[i] = f
		out.closing |= name.closing
	}
	return out
}

// sameFrames compares frames that have no text yet with kept ones.
func sameFrames(kept, frames []tracefile.Frame) bool {
	if len(kept) != len(frames) {
		return false
	}
	for i := range kept {
		a, b := &kept[i], &frames[i]
		if a.Line != b.Line || a.Qualname != b.Qualname || a.File != b.File {
			return false
		}
	}
	return true
}

// lineOf keeps a damaged number from becoming a negative one.
func lineOf(n uint64) int {
	if n > 1<<31-1 {
		return 0
	}
	return int(n)
}

// function returns the one copy of a name that is kept.
func (s *stacks) function(full string) *function {
	if f := s.names[full]; f != nil {
		return f
	}
	f := &function{full: strings.Clone(full)}
	f.short = shortName(f.full)
	f.closing = s.close.match(f.full)
	s.names[f.full] = f
	return f
}

// shortName is the name of a function without the directories of its package's import path:
// "net/http.(*Server).Serve.func1" is "http.(*Server).Serve.func1". A dot in the last element is %2e in a symbol.
func shortName(full string) string {
	end := strings.IndexAny(full, "([")
	if end < 0 {
		end = len(full)
	}
	short := full[strings.LastIndexByte(full[:end], '/')+1:]
	return strings.ReplaceAll(short, "%2e", ".")
}

func (s *stacks) get(id tracefile.StackID) *stack {
	if id == 0 || int(id) > len(s.list) {
		return nil
	}
	return &s.list[id-1]
}

func (s *stacks) frames(id tracefile.StackID) []tracefile.Frame {
	if st := s.get(id); st != nil {
		return st.frames
	}
	return nil
}

// closing returns which functions that close something are on a stack.
func (s *stacks) closing(id tracefile.StackID) uint64 {
	if st := s.get(id); st != nil {
		return st.closing
	}
	return 0
}

// start returns the function in which a goroutine with this stack began.
func (s *stacks) start(id tracefile.StackID) tracefile.Frame {
	if f := s.frames(id); len(f) > 0 {
		return f[len(f)-1]
	}
	return tracefile.Frame{}
}

// whole returns id, or 0 if the stack lacks the function in which the goroutine began: the runtime goes by frame pointers, and
// a function that calls nothing and is preempted has none.
func (s *stacks) whole(id tracefile.StackID) tracefile.StackID {
	if strings.HasPrefix(s.start(id).Qualname, "runtime.asyncPreempt") {
		return 0
	}
	return id
}

// site returns the id of a place where goroutines or user tasks are made: the stack of the maker and that of their start.
func (s *stacks) site(at, start tracefile.StackID) tracefile.SiteID {
	key := siteKey{at: at, start: start}
	if id := s.sites[key]; id != 0 {
		return id
	}
	def := s.start(start)
	s.siteDef = append(s.siteDef, tracefile.Site{Stack: at, Coro: def.Qualname, Def: def})
	s.sites[key] = tracefile.SiteID(len(s.siteDef))
	return s.sites[key]
}

// siteNamed returns the id of a place where user tasks of a name are made.
func (s *stacks) siteNamed(at tracefile.StackID, name string) tracefile.SiteID {
	key := siteKey{at: at, name: name}
	if id := s.sites[key]; id != 0 {
		return id
	}
	s.siteDef = append(s.siteDef, tracefile.Site{Stack: at, Coro: name})
	s.sites[key] = tracefile.SiteID(len(s.siteDef))
	return s.sites[key]
}

// outside returns the stack without the innermost frames that are of runtime/trace and of looptrace's own recorder.
func (s *stacks) outside(id tracefile.StackID) tracefile.StackID {
	frames := s.frames(id)
	n := 0
	for n < len(frames) && (strings.HasPrefix(frames[n].Qualname, "runtime/trace.") || strings.HasPrefix(frames[n].Qualname, ownPackage)) {
		n++
	}
	if n == 0 || n == len(frames) {
		return id
	}
	if out, ok := s.trimmed[id]; ok {
		return out
	}
	st := stack{frames: frames[n:]}
	for _, f := range st.frames {
		st.closing |= s.function(f.Qualname).closing
	}
	s.list = append(s.list, st)
	s.trimmed[id] = tracefile.StackID(len(s.list))
	return s.trimmed[id]
}

// ownPackage begins the full names of the functions of looptrace's recorder.
const ownPackage = "github.com/looptrace/looptrace/recorder."

// chainOf returns the id of what a goroutine waits for at a stack.
func (s *stacks) chainOf(id tracefile.StackID, state, on string) tracefile.ChainID {
	key := chainKey{id, state, on}
	if c := s.chains[key]; c != 0 {
		return c
	}
	frames := s.frames(id)
	chain := tracefile.Chain{State: state, On: on, Frames: make([]tracefile.Frame, len(frames))}
	for i, f := range frames {
		chain.Frames[len(frames)-1-i] = f
	}
	s.chain = append(s.chain, chain)
	s.chains[key] = tracefile.ChainID(len(s.chain))
	return s.chains[key]
}

// beginning returns the id of a chain that has the function only in which a goroutine began that was at a stack. The stacks of
// the first goroutine are without runtime.main; what that calls before main.main is not where the goroutine began.
func (s *stacks) beginning(id tracefile.StackID, first bool) tracefile.ChainID {
	start := s.start(id)
	key := chainKey{id, "running", "beginning"}
	if first && start.Qualname != mainFunction {
		start, key.stack = tracefile.Frame{Function: mainFunction, Qualname: mainFunction}, 0
	}
	if c := s.chains[key]; c != 0 {
		return c
	}
	s.chain = append(s.chain, tracefile.Chain{State: "running", Frames: []tracefile.Frame{start}})
	s.chains[key] = tracefile.ChainID(len(s.chain))
	return s.chains[key]
}

const mainFunction = "main.main"
