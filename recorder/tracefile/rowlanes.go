package tracefile

// Rows of a stream whose steps end by themselves (lanes=task): there are no callbacks and I/O waits, and tasks end without a
// name that is counted. What the ops of these say elsewhere:
const (
	opSuspendSame = opCallback  // the step of the task of the last step ends; chain
	opSuspend     = opWaitBegun // a step ends; signed difference of the task; chain
	opSpawnChild  = opWaitEnded // next new task; flags; then what they say
	opEndPlain    = opEndSame   // task of the last step returned, without a name
)

// A chain is 0 if there is none, else 1 plus the zigzag difference to the last one.

// Flags of opSpawnChild.
const (
	spawnSite     = 1 << iota // signed difference of the site follows
	spawnParent               // signed difference of the parent to the task of the last step follows
	spawnByStep               // the parent is that task
	spawnName                 // a string follows: its name
	spawnSameName             // the name is that of the last spawned task that has one
)

// lane writes an event as one of the rows above. It reports false for an event that needs another one.
func (r *rowEncoder) lane(e *Event, dt uint64) bool {
	plain := e.Attrs == nil && e.Stack == 0
	switch e.Kind {
	case StepEnded:
		if !plain || e.Loop != 0 || e.Site != 0 || e.Number != 0 || e.Name != "" {
			return false
		}
		if e.Task == r.task {
			r.op(opSuspendSame, dt)
		} else {
			r.op(opSuspend, dt)
			r.int(int64(e.Task) - int64(r.task))
		}
		if e.Chain == 0 {
			r.uint(0)
			return true
		}
		r.uint(1 + zigzag(int64(e.Chain)-int64(r.chain)))
		r.chain = e.Chain
		return true
	case TaskSpawned:
		if !plain || e.Chain != 0 || e.Number == 0 && e.Name == "" || e.Number >= 1<<32 {
			return false
		}
		r.spawnChild(e, dt)
		return true
	case TaskEnded:
		if !isHot(e) || e.Task != r.task || e.Number != OutcomeReturned || e.Name != "" {
			return false
		}
		r.op(opEndPlain, dt)
		return true
	}
	return false
}

func (r *rowEncoder) spawnChild(e *Event, dt uint64) {
	r.nextBorn(e.Task)
	r.setLoop(e.Loop)
	r.op(opSpawnChild, dt)
	flags := byte(0)
	if e.Site != r.site {
		flags |= spawnSite
	}
	switch {
	case e.Number == 0:
	case TaskID(e.Number) == r.task:
		flags |= spawnByStep
	default:
		flags |= spawnParent
	}
	switch e.Name {
	case "":
	case r.name:
		flags |= spawnSameName
	default:
		flags |= spawnName
	}
	r.buf = append(r.buf, flags)
	if flags&spawnSite != 0 {
		r.int(int64(e.Site) - int64(r.site))
		r.site = e.Site
	}
	if flags&spawnParent != 0 {
		r.int(int64(e.Number) - int64(r.task))
	}
	if flags&spawnName != 0 {
		r.string(e.Name)
		r.name = e.Name
	}
}

// lane reads one of the rows above. It reports false for any other.
func (r *rowDecoder) lane(op byte, e *Event) bool {
	switch op {
	case opSuspendSame, opSuspend:
		e.Kind, e.Task = StepEnded, r.task
		if op == opSuspend {
			e.Task = TaskID(int64(r.task) + r.int())
		}
		if n := r.uint(); n != 0 {
			r.chain = ChainID(int64(r.chain) + unzigzag(n-1))
			e.Chain = r.chain
		}
	case opSpawnChild:
		r.spawnChild(e)
	case opEndPlain:
		e.Kind, e.Task, e.Number = TaskEnded, r.task, OutcomeReturned
	default:
		return false
	}
	return true
}

func (r *rowDecoder) spawnChild(e *Event) {
	flags := r.byte()
	if flags&spawnSite != 0 {
		r.site = SiteID(int64(r.site) + r.int())
	}
	r.born++
	e.Kind, e.Task, e.Loop, e.Site = TaskSpawned, r.born, *r.loop(), r.site
	if flags&spawnParent != 0 {
		e.Number = uint64(uint32(int64(r.task) + r.int()))
	} else if flags&spawnByStep != 0 {
		e.Number = uint64(r.task)
	}
	if flags&spawnName != 0 {
		r.name = r.string()
	}
	if flags&(spawnName|spawnSameName) != 0 {
		e.Name = r.name
	}
}
