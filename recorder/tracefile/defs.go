package tracefile

import (
	"strconv"
	"strings"
)

type codeLine struct {
	code uint32
	line int
}

type codeDef struct {
	file, function, qualname string
	first                    int
}

type siteDef struct {
	stack StackID
	loop  LoopID
	code  uint32
	coro  string
}

type chainDef struct {
	state, on string
	frames    []codeLine
}

// highestIDs are the highest numbers that a stream has defined. Parent and child both go on counting after a fork, so a higher
// number of the parent is something else than the child's.
type highestIDs struct {
	stack StackID
	site  SiteID
	chain ChainID
	name  uint32
}

// defs are the definitions of one stream of a spool. A forked child goes on using those of its parent.
type defs struct {
	parent  *defs
	samples *defs // of the samples file; nil if there is none
	text    FrameText

	highest   highestIDs
	forks     map[string]highestIDs // by fork=N of process_forked: what was defined by then
	inherited *highestIDs           // what the parent had defined at the fork; nil if that is not known

	codes  map[uint32]codeDef
	texts  map[codeLine]string
	stacks map[StackID][]codeLine
	sites  map[SiteID]siteDef
	chains map[ChainID]chainDef
	names  map[uint32]string

	frames     map[codeLine]Frame // resolved
	madeStacks map[StackID][]Frame
	madeChains map[ChainID]Chain
}

func newDefs(parent *defs, text FrameText) *defs {
	return &defs{
		parent: parent, text: text, forks: map[string]highestIDs{},
		codes: map[uint32]codeDef{}, texts: map[codeLine]string{}, stacks: map[StackID][]codeLine{},
		sites: map[SiteID]siteDef{}, chains: map[ChainID]chainDef{}, names: map[uint32]string{},
		frames: map[codeLine]Frame{}, madeStacks: map[StackID][]Frame{}, madeChains: map[ChainID]Chain{},
	}
}

// add takes a line that begins with =. It reports false for one that it does not understand.
func (d *defs) add(line string) bool {
	kind, rest := cutWord(line)
	word, rest := cutWord(rest)
	if kind == "=text" {
		at, ok := parseCodeLine(word)
		d.texts[at] = strings.TrimSpace(field(rest, "text"))
		return ok
	}
	n, err := strconv.ParseUint(word, 10, 32)
	if err != nil || n == 0 && kind != "=code" { // 0 stands for none
		return false
	}
	id := uint32(n)
	switch kind {
	case "=code":
		c := codeDef{file: field(rest, "file"), function: field(rest, "function"), qualname: field(rest, "qualname")}
		c.first, _ = strconv.Atoi(field(rest, "line"))
		d.codes[id] = c
	case "=stack":
		list, ok := parseCodeLines(rest)
		if !ok {
			return false
		}
		d.stacks[StackID(id)] = list
		d.highest.stack = max(d.highest.stack, StackID(id))
	case "=site":
		d.sites[SiteID(id)] = siteDef{
			stack: StackID(fieldID(rest, "stack")), loop: LoopID(fieldID(rest, "loop")),
			code: fieldID(rest, "code"), coro: field(rest, "coro"),
		}
		d.highest.site = max(d.highest.site, SiteID(id))
	case "=chain":
		c := chainDef{state: field(rest, "state"), on: field(rest, "on")}
		list, ok := parseCodeLines(lastPlainWord(rest))
		c.frames = list
		d.chains[ChainID(id)] = c
		d.highest.chain = max(d.highest.chain, ChainID(id))
		return ok
	case "=name":
		d.names[id] = field(rest, "text")
		d.highest.name = max(d.highest.name, id)
	default:
		return false
	}
	return true
}

// field returns the value of key=value in a line, "" if there is none.
func field(line, key string) string {
	for line != "" {
		var word string
		word, line = cutWord(line)
		if k, v, ok := strings.Cut(word, "="); ok && k == key {
			return unescapeValue(v)
		}
	}
	return ""
}

func fieldID(line, key string) uint32 {
	n, err := strconv.ParseUint(field(line, key), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// lastPlainWord returns the last word that is no key=value.
func lastPlainWord(line string) string {
	last := ""
	for line != "" {
		var word string
		word, line = cutWord(line)
		if !strings.Contains(word, "=") {
			last = word
		}
	}
	return last
}

func parseCodeLine(s string) (codeLine, bool) {
	code, line, ok := strings.Cut(s, ":")
	c, err := strconv.ParseUint(code, 10, 32)
	n, err2 := strconv.Atoi(line)
	return codeLine{uint32(c), max(n, 0)}, ok && err == nil && err2 == nil
}

func parseCodeLines(s string) ([]codeLine, bool) {
	if s == "-" || s == "" {
		return nil, true
	}
	var list []codeLine
	for part := range strings.SplitSeq(s, ",") {
		at, ok := parseCodeLine(part)
		if !ok {
			return nil, false
		}
		list = append(list, at)
	}
	return list, true
}

func (d *defs) frame(at codeLine) Frame {
	if f, ok := d.frames[at]; ok {
		return f
	}
	f := Frame{Line: at.line}
	for p := d; p != nil; p = p.parent {
		if c, ok := p.codes[at.code]; ok {
			f.File, f.Function, f.Qualname = c.file, c.function, c.qualname
			if f.Qualname == "" {
				f.Qualname = f.Function
			}
			break
		}
	}
	f.Text = d.textOf(at, f)
	d.frames[at] = f
	return f
}

func (d *defs) textOf(at codeLine, f Frame) string {
	for p := d; p != nil; p = p.parent {
		if t, ok := p.texts[at]; ok {
			return t
		}
	}
	if d.text == nil || f.File == "" || at.line == 0 || strings.HasPrefix(f.File, "<") {
		return ""
	}
	return d.text(f.File, at.line)
}

func (d *defs) resolve(list []codeLine) []Frame {
	if len(list) == 0 {
		return nil
	}
	frames := make([]Frame, len(list))
	for i, at := range list {
		frames[i] = d.frame(at)
	}
	return frames
}

func (d *defs) stack(id StackID) []Frame {
	if s, ok := d.madeStacks[id]; ok {
		return s
	}
	if id >= sampleStacks && d.samples != nil {
		return d.samples.stack(id &^ sampleStacks)
	}
	for p := d; p != nil; p = p.parent {
		if list, ok := p.stacks[id]; ok {
			s := p.resolve(list) // in its own scope: ids may be counted anew in the child
			d.madeStacks[id] = s
			return s
		}
	}
	d.madeStacks[id] = nil // for good: definitions come before their first use
	return nil
}

func (d *defs) chain(id ChainID) Chain {
	if c, ok := d.madeChains[id]; ok {
		return c
	}
	for p := d; p != nil; p = p.parent {
		if def, ok := p.chains[id]; ok {
			c := Chain{State: def.state, On: def.on, Frames: p.resolve(def.frames)}
			d.madeChains[id] = c
			return c
		}
	}
	d.madeChains[id] = Chain{}
	return Chain{}
}

func (d *defs) site(id SiteID) Site {
	def, scope := d.siteDef(id)
	if scope == nil {
		return Site{}
	}
	s := Site{Stack: def.stack, Coro: def.coro}
	for p := scope; p != nil && def.code != 0; p = p.parent {
		if c, ok := p.codes[def.code]; ok {
			s.Def = scope.frame(codeLine{def.code, c.first})
			break
		}
	}
	return s
}

// siteDef returns a definition and where it was found, nil if nowhere.
func (d *defs) siteDef(id SiteID) (siteDef, *defs) {
	for p := d; p != nil; p = p.parent {
		if def, ok := p.sites[id]; ok {
			return def, p
		}
	}
	return siteDef{}, nil
}

func (d *defs) name(id uint32) string {
	for p := d; p != nil; p = p.parent {
		if s, ok := p.names[id]; ok {
			return s
		}
	}
	return ""
}

// inherit makes d the definitions of a child that was forked from the stream of parent at its process_forked with this number.
func (d *defs) inherit(parent *defs, fork string) {
	d.parent = parent
	if at, ok := parent.forks[fork]; ok {
		d.inherited, d.highest = &at, at
	}
}

// above returns where an inherited definition is looked for; nil if d counts on from there.
func (d *defs) above(inherited func(*highestIDs) bool) *defs {
	if d.inherited != nil && !inherited(d.inherited) {
		return nil
	}
	return d.parent
}

// The following tell whether a definition has been read: that of the child itself, if it has a number that the parent had not
// given at the fork.

func (d *defs) hasStack(id StackID) bool {
	for p := d; p != nil; p = p.above(func(h *highestIDs) bool { return id <= h.stack }) {
		if _, ok := p.stacks[id]; ok {
			return true
		}
	}
	return false
}

func (d *defs) hasChain(id ChainID) bool {
	for p := d; p != nil; p = p.above(func(h *highestIDs) bool { return id <= h.chain }) {
		if _, ok := p.chains[id]; ok {
			return true
		}
	}
	return false
}

func (d *defs) hasSite(id SiteID) bool {
	for p := d; p != nil; p = p.above(func(h *highestIDs) bool { return id <= h.site }) {
		if _, ok := p.sites[id]; ok {
			return true
		}
	}
	return false
}

func (d *defs) hasName(id uint32) bool {
	for p := d; p != nil; p = p.above(func(h *highestIDs) bool { return id <= h.name }) {
		if _, ok := p.names[id]; ok {
			return true
		}
	}
	return false
}
