package tracefile

type defKind uint8

const (
	defStack defKind = iota
	defSite
	defChain
)

// seenDefs knows which definitions of a stream were written.
type seenDefs struct {
	stacks map[StackID]struct{}
	sites  map[SiteID]struct{}
	chains map[ChainID]struct{}
}

func newSeenDefs() seenDefs {
	return seenDefs{map[StackID]struct{}{}, map[SiteID]struct{}{}, map[ChainID]struct{}{}}
}

// visit calls define for each definition that e needs and that was not written yet, those that it builds on first.
func (s seenDefs) visit(e *Event, src Source, define func(defKind, uint32)) {
	if e.Site != 0 {
		if _, ok := s.sites[e.Site]; !ok {
			s.sites[e.Site] = struct{}{}
			s.stack(src.Site(e.Site).Stack, define)
			define(defSite, uint32(e.Site))
		}
	}
	if e.Chain != 0 {
		if _, ok := s.chains[e.Chain]; !ok {
			s.chains[e.Chain] = struct{}{}
			define(defChain, uint32(e.Chain))
		}
	}
	if e.Stack != 0 {
		s.stack(e.Stack, define)
	}
	for _, a := range e.Attrs {
		if stackAttr(a.Key) {
			s.stack(StackID(parseID(a.Value)), define)
		}
	}
}

func (s seenDefs) stack(id StackID, define func(defKind, uint32)) {
	if id == 0 {
		return
	}
	if _, ok := s.stacks[id]; !ok {
		s.stacks[id] = struct{}{}
		define(defStack, uint32(id))
	}
}
