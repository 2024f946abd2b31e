package analyze

import (
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// maxSiteStack is how many frames of a creation stack are kept.
const maxSiteStack = 8

// siteTable interns spawn sites by content: every loop of a program has ids of its own for the same lines.
type siteTable struct {
	byKey map[string]*siteCount
	all   []*siteCount
	none  *siteCount
}

func (st *siteTable) init() { st.byKey = map[string]*siteCount{} }

// unknown is the site of tasks whose birth was not observed.
func (st *siteTable) unknown() *siteCount {
	if st.none == nil {
		st.none = st.intern(Site{})
	}
	return st.none
}

func (st *siteTable) intern(s Site) *siteCount {
	key := siteKey(&s)
	if sc := st.byKey[key]; sc != nil {
		return sc
	}
	sc := &siteCount{SiteCount: SiteCount{Site: &s}}
	st.byKey[key] = sc
	st.all = append(st.all, sc)
	return sc
}

func (p *proc) intern(s Site) *siteCount {
	sc := p.b.sites.intern(s)
	if sc.Process == nil {
		sc.Process = p.pub
	}
	return sc
}

func siteKey(s *Site) string {
	var b strings.Builder
	frame := func(f *Frame) {
		b.WriteString(f.File)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(f.Line))
		b.WriteByte(0)
		b.WriteString(f.Qualname)
		b.WriteString(strconv.FormatBool(f.User))
	}
	b.WriteString(s.Coro)
	b.WriteByte(0)
	frame(&s.Def)
	b.WriteString(s.Via)
	for i := range s.Stack {
		b.WriteByte(1)
		frame(&s.Stack[i])
	}
	if s.At != nil {
		b.WriteByte(2)
		frame(s.At)
	}
	return b.String()
}

// siteRef is what a site id of a stream stands for.
type siteRef struct {
	count *siteCount
	site  Site
	byRun bool       // the stack has no frame of the program: the site depends on the run that the task was spawned in
	run   *LoopRun   // the last one
	inRun *siteCount // the site in it
}

// siteFor resolves a spawn site for a task spawned during run, which may be nil.
func (p *proc) siteFor(id tracefile.SiteID, run *LoopRun) *siteCount {
	r := p.siteRefs.get(uint32(id))
	if r == nil {
		r = p.newSiteRef(id)
	}
	if !r.byRun {
		return r.count
	}
	if r.inRun == nil || r.run != run {
		s := r.site
		for outer := run; outer != nil; outer = outer.Outer {
			if outer.At != nil {
				s.At = outer.At
				break
			}
		}
		r.run, r.inRun = run, p.intern(s)
	}
	return r.inRun
}

func (p *proc) newSiteRef(id tracefile.SiteID) *siteRef {
	def := p.b.src.Site(id)
	frames := p.stack(def.Stack).list()
	s := Site{Stack: p.siteStack(frames), Coro: def.Coro}
	if def.Def != (tracefile.Frame{}) {
		s.Def = p.frame(def.Def)
	}
	b := birth{frames: s.Stack}
	b.find()
	s.Gather = b.gather
	r := &siteRef{byRun: b.at < 0}
	if b.via >= 0 {
		s.Via = p.via(&s, b.via)
	}
	if b.at >= 0 {
		s.At = &s.Stack[b.at]
		r.count = p.intern(s)
	} else {
		s.At = b.fallback()
	}
	r.site = s
	p.siteRefs.put(uint32(id), r)
	return r
}

// via names the library function that spawned the task.
func (p *proc) via(s *Site, i int) string {
	f := &s.Stack[i]
	function := f.Function
	switch {
	case asyncioFile(f) == "tasks.py" && function == "callback":
		function = "run_coroutine_threadsafe"
	case asyncioFile(f) == "base_events.py" && function == "create_task" && generatorCleanup(s.Coro):
		function = "_asyncgen_finalizer_hook"
	}
	return p.libraryPath(f.File) + ":" + function
}

// generatorCleanup recognises the awaitable of an async generator's aclose(), which is no coroutine and has no name.
func generatorCleanup(coro string) bool {
	return coro == "" || strings.HasPrefix(coro, "async_generator_athrow") || strings.HasSuffix(coro, "aclose")
}

// birth looks through a creation stack for the frame that an author would look for.
type birth struct {
	frames []Frame
	at     int // index of that frame; -1 if there is none
	via    int // index of the library function that spawned the task by itself; -1 if the program did
	gather bool
	passed int // index of the first plumbing frame; -1 if there is none
}

func (b *birth) find() {
	b.at, b.via, b.passed = -1, -1, -1
	spawner := -1 // innermost library frame that is not merely a way to spawn
	inLoop := false
	for i := 0; i < len(b.frames); i++ {
		f := &b.frames[i]
		if f.User {
			if skip := b.plumbing(i); skip > i {
				if b.passed < 0 {
					b.passed = i
				}
				i = skip - 1
				continue
			}
			b.at = i
			break
		}
		inLoop = inLoop || runsHandles(f)
		b.gather = b.gather || !inLoop && inAsyncio(f, "tasks.py", "gather")
		if spawner < 0 && !merelySpawns(f) && !runsHandles(f) {
			spawner = i
		}
	}
	if b.at >= 0 && !inLoop {
		return
	}
	b.via = spawner
	if spawner < 0 && len(b.frames) > 0 && !b.frames[0].User {
		b.via = 0
	}
}

// fallback is the frame to name when neither the stack nor the run has a better one.
func (b *birth) fallback() *Frame {
	if b.passed < 0 {
		return nil
	}
	return &b.frames[b.passed]
}

// plumbing returns the index of the frame to go on with when frame i is the program's but only hands the spawn on: the
// __init__ of a Task subclass, a task factory, a loop subclass's create_task or run_until_complete.
func (b *birth) plumbing(i int) int {
	f := &b.frames[i]
	made := b.createdInside(i)
	outer := i + 1
	switch {
	case f.Function == "__init__" && !made && (callsBase(f.Text, "__init__") || b.isSpawn(outer)):
		return outer
	case f.Function == "create_task" && i > 0 && inAsyncio(&b.frames[i-1], "base_events.py", "create_task") &&
		(callsBase(f.Text, "create_task") || b.isSpawn(outer)):
		return outer
	case f.Function == "run_until_complete" && i > 0 && inAsyncio(&b.frames[i-1], "base_events.py", f.Function) && callsBase(f.Text, f.Function):
		return outer
	case made:
		return i
	}
	// A factory is called by create_task, and may call functions of its own before it makes the task.
	for outer < len(b.frames) && b.frames[outer].User {
		outer++
	}
	if b.isSpawn(outer) {
		return outer
	}
	return i
}

// createdInside reports whether a library's create_task lies inside of frame i.
func (b *birth) createdInside(i int) bool {
	for j := range b.frames[:i] {
		if b.isSpawn(j) {
			return true
		}
	}
	return false
}

// isSpawn reports whether frame i is asyncio's own create_task.
func (b *birth) isSpawn(i int) bool {
	if i >= len(b.frames) {
		return false
	}
	f := &b.frames[i]
	return inAsyncio(f, "base_events.py", "create_task") || inAsyncio(f, "tasks.py", "create_task")
}

// merelySpawns reports whether a library function spawns what its caller gave it.
func merelySpawns(f *Frame) bool {
	switch asyncioFile(f) {
	case "tasks.py":
		switch f.Function {
		case "create_task", "ensure_future", "_ensure_future", "__init__", "_wrap_awaitable", "factory", "__eager_start":
			return true
		}
	case "base_events.py":
		return f.Function == "create_task"
	}
	return false
}

// runsHandles reports whether a frame is the loop that runs callbacks: what is further out did not spawn the task.
func runsHandles(f *Frame) bool {
	return inAsyncio(f, "events.py", "_run") || inAsyncio(f, "base_events.py", "_run_once") || inAsyncio(f, "base_events.py", "run_forever")
}

// lineIn returns the line of the program that a call in a step of t belongs to. The step of a task that a library wrapped
// around what the program gave it (wait_for() of a queue's get()) may have no frame of the program: the line that had the
// task spawned is meant then, not the one that runs the loop.
func lineIn(t *Task, at *Frame, frames []Frame) *Frame {
	for i := range frames {
		if at != nil && &frames[i] == at {
			return at
		}
		if runsHandles(&frames[i]) && t != nil && t.Site != nil && t.Site.At != nil {
			return t.Site.At
		}
	}
	if at == nil && t != nil && t.Site != nil {
		return t.Site.At // the stack of a suspended coroutine ends with it
	}
	return at
}
