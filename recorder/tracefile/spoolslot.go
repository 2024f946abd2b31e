package tracefile

import "strconv"

// The codes of slots, see the package documentation.
const (
	codeStep            = 0
	codeSpawned         = 1 // about no task: callback_begun
	codeReturned        = 2 // about no task: io_wait_begun
	codeRaised          = 3 // about no task: io_wait_ended
	codeCancelled       = 4 // about no task: a fact
	codeCancel          = 5
	codeWaiting         = 6
	codeReturnedNumber  = 7 // an end and a name in one
	codeCancelledNumber = 8
	codeSite            = 9
	codeNumber          = 10
	codeName            = 11
	codeStack           = 12
	codeReturnedName    = 13
	codeCancelledName   = 14
	codeWoken           = 15
)

// slot takes one slot; true if it made an event of it.
func (st *spoolStream) slot(s slot, e *Event) bool {
	address := s.word & slotAddress
	thread := ThreadID(s.word >> slotThread & 31)
	code := int(s.word & slotCode)
	if page := s.page(); page != 0 {
		return st.slotPaged(page, s, e)
	}
	if address == 0 {
		return st.slotAlone(code, thread, s, e)
	}
	a := st.entry(address)
	if st.numbered && a.ended {
		return false // another goroutine told of its end meanwhile
	}
	switch code {
	case codeSite:
		a.site = SiteID(s.number())
	case codeNumber:
		a.number, a.named = s.number(), namedByNumber
	case codeName:
		a.name, a.named = uint32(s.number()), namedByID
	case codeStack:
		a.stack = StackID(s.number())
	case codeWaiting:
		id := ChainID(s.number())
		st.facts.until(func() bool { return st.proc.defs.hasChain(id) })
		*e = Event{Time: st.time, Kind: TaskWaiting, Stream: st.proc.id, Thread: thread, Task: st.alive(a), Chain: id}
		e.Name = st.finalName(a)
		a.named = 0
		return true
	case codeReturnedNumber, codeCancelledNumber:
		a.number, a.named = s.number(), namedByNumber
		st.endedAndNamed(code == codeCancelledNumber, thread, a, e)
		return true
	case codeReturnedName, codeCancelledName:
		a.name, a.named = uint32(s.number()), namedByID
		st.endedAndNamed(code == codeCancelledName, thread, a, e)
		return true
	default:
		return st.slotTimed(code, thread, s, a, e)
	}
	return false
}

// endedAndNamed makes the event of an end whose slot has a name in the place of the time: it is that of the next slot, as
// recorders go on to the next callback or to the wait at once.
func (st *spoolStream) endedAndNamed(cancelled bool, thread ThreadID, a *addressEntry, e *Event) {
	if next, ok := st.slots.peek(); ok && next.timed() {
		st.advance(next.time())
	}
	*e = Event{Time: st.time, Kind: TaskEnded, Stream: st.proc.id, Thread: thread, Task: st.alive(a), Number: OutcomeReturned}
	if cancelled {
		e.Number = OutcomeCancelled
	}
	e.Name = st.finalName(a)
	a.ended, a.named, a.text = true, 0, ""
}

// timed reports whether the value of a slot is a time.
func (s slot) timed() bool {
	code := s.word & slotCode
	if s.page() != 0 {
		return s.page() == pageNumbers && code == codeStepEnded
	}
	if s.word&slotAddress == 0 {
		return code >= codeSpawned && code <= codeRaised
	}
	return code <= codeCancel || code == codeWoken
}

// slotTimed takes a slot that is about a task and a time.
func (st *spoolStream) slotTimed(code int, thread ThreadID, s slot, a *addressEntry, e *Event) bool {
	if code > codeCancel && code != codeWoken {
		st.unknown++
		return false
	}
	if code == codeWoken && a.ended {
		return false // a future told it too late
	}
	st.advance(s.time())
	*e = Event{Time: st.time, Stream: st.proc.id, Thread: thread}
	switch code {
	case codeStep:
		e.Kind, e.Task = StepBegun, st.alive(a)
	case codeSpawned:
		e.Kind, e.Task, e.Site = TaskSpawned, st.incarnate(a), a.site
		e.Loop = st.siteLoop(a.site, thread)
		a.site = 0
		if a.parent != 0 {
			e.Number, a.parent = uint64(st.addressed(a.parent)), 0
		}
		if a.birth != 0 {
			e.Name = st.nameOf(a.birth)
			a.birth = 0
		}
	case codeReturned, codeRaised, codeCancelled:
		e.Kind, e.Task, e.Number = TaskEnded, st.alive(a), uint64(code-codeReturned+OutcomeReturned)
		e.Name = st.finalName(a)
		a.ended, a.named, a.text = true, 0, ""
	case codeCancel:
		id := a.stack
		if id != 0 {
			st.facts.until(func() bool { return st.proc.defs.hasStack(id) })
		}
		e.Kind, e.Task, e.Stack = CancelRequested, st.alive(a), id
		a.stack = 0
	case codeWoken:
		e.Kind, e.Task = TaskWoken, st.alive(a)
	}
	return true
}

// slotAlone takes a slot that is about no task.
func (st *spoolStream) slotAlone(code int, thread ThreadID, s slot, e *Event) bool {
	kind := Undetermined
	switch code {
	case codeSpawned:
		kind = CallbackBegun
	case codeReturned:
		kind = IOWaitBegun
	case codeRaised:
		kind = IOWaitEnded
	case codeCancelled:
		// What was written before it has happened before it, also where no slot says so: there is none before the
		// first slots file, and the thread that was to write it may have been overtaken.
		if n := s.number(); st.facts.readTo(n) {
			st.upTo = max(st.upTo, n)
		} else if st.lost++; !st.gaps {
			st.incomplete(e)
			return true
		}
		return false
	default:
		st.unknown++
		return false
	}
	st.advance(s.time())
	*e = Event{Time: st.time, Kind: kind, Stream: st.proc.id, Thread: thread}
	if kind != CallbackBegun {
		e.Loop = st.loopOf(thread)
	}
	return true
}

// siteLoop returns the loop of tasks spawned at a site.
func (st *spoolStream) siteLoop(id SiteID, thread ThreadID) LoopID {
	if id == 0 {
		return st.loopOf(thread)
	}
	st.facts.until(func() bool { return st.proc.defs.hasSite(id) })
	def, _ := st.proc.defs.siteDef(id)
	return def.loop
}

func (st *spoolStream) finalName(a *addressEntry) string {
	switch a.named {
	case namedByNumber:
		return "Task-" + strconv.FormatUint(a.number, 10)
	case namedByText:
		return a.text
	case namedByID:
		return st.nameOf(a.name)
	}
	return ""
}

func (st *spoolStream) nameOf(id uint32) string {
	st.facts.until(func() bool { return st.proc.defs.hasName(id) })
	return st.proc.defs.name(id)
}
