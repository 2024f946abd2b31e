package tracefile

// Page 1 of the codes of slots: what tasks need whose steps end by themselves, see the package documentation.
const (
	pageNumbers = 1

	codeStepEnded = 0
	codeChain     = 1
	codeParent    = 2
	codeBirthName = 3
	codeFailed    = 4

	slotShort = 56 // bits from here on: the chain of step_ended, if its number is less than 256
)

// slotPaged takes one slot of a page other than the first; true if it made an event of it.
func (st *spoolStream) slotPaged(page uint64, s slot, e *Event) bool {
	address := s.word & slotAddress
	if page != pageNumbers || address == 0 {
		st.unknown++
		return false
	}
	a := st.entry(address)
	if st.numbered && a.ended {
		return false
	}
	*e = Event{Stream: st.proc.id, Thread: ThreadID(s.word >> slotThread & 31)}
	switch s.word & slotCode {
	case codeStepEnded:
		st.advance(s.time())
		if id := s.word >> slotShort; id != 0 {
			a.chain = ChainID(id)
		}
		e.Time, e.Kind, e.Task, e.Chain = st.time, StepEnded, st.alive(a), a.chain
		a.chain = 0
		if id := e.Chain; id != 0 {
			st.facts.until(func() bool { return st.proc.defs.hasChain(id) })
		}
		return true
	case codeChain:
		a.chain = ChainID(s.number())
	case codeParent:
		a.parent = s.number() << 4 & slotAddress
	case codeBirthName:
		a.birth = uint32(s.number())
	case codeFailed:
		e.Time, e.Kind, e.Task = st.time, TaskFailed, st.alive(a)
		e.Attrs = Attrs{{"type", st.nameOf(uint32(s.number()))}}
		return true
	default:
		st.unknown++
	}
	return false
}
