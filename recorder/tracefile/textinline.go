package tracefile

import "strings"

// inlineDef is a site or chain written inside an event: at= coro= def= of a task_spawned without site=, await= state= on=
// of a task_waiting or live_task with await=.
type inlineDef struct {
	at, coro, def    string
	await, state, on string
	site, chain      bool
}

// inlineIn says which definitions the words of an event make.
func inlineIn(kind Kind, words string) inlineDef {
	return inlineDef{
		site:  kind == TaskSpawned && !hasField(words, "site") && (hasField(words, "at") || hasField(words, "coro") || hasField(words, "def")),
		chain: (kind == TaskWaiting || kind == LiveTask) && hasField(words, "await"),
	}
}

func hasField(words, key string) bool {
	return strings.HasPrefix(words, key+"=") || strings.Contains(words, " "+key+"=")
}

// take reports whether the word belongs to a definition inside the event.
func (in *inlineDef) take(key, raw string) bool {
	switch {
	case in.site && key == "at":
		in.at = raw
	case in.site && key == "coro":
		in.coro = raw
	case in.site && key == "def":
		in.def = raw
	case in.chain && key == "await":
		in.await = raw
	case in.chain && key == "state":
		in.state = raw
	case in.chain && key == "on":
		in.on = raw
	default:
		return false
	}
	return true
}

// inline gives the event the ids of what was defined inside it; it returns what is wrong.
func (t *TextReader) inline(in inlineDef) string {
	const bad = "frames are file:line:function[:qualname[:text]], with commas between them"
	if in.site {
		stack, ok := t.inlineStack(in.at)
		if !ok {
			return bad
		}
		id, isNew := t.defs.intern("site " + in.at + " " + in.coro + " " + in.def)
		s := Site{Stack: stack, Coro: unescapeValue(in.coro)}
		if in.def != "" {
			if s.Def, ok = parseFrame(in.def); !ok {
				return bad
			}
		}
		if isNew {
			t.defs.sites[SiteID(id)] = s
		}
		t.event.Site = SiteID(id)
	}
	if in.chain && in.await == "" && t.event.Chain != 0 { // the chain is defined elsewhere: these are attributes like any other
		for _, a := range []Attr{{"state", in.state}, {"on", in.on}} {
			if a.Value != "" {
				t.event.Attrs = append(t.event.Attrs, Attr{a.Key, unescapeValue(a.Value)})
			}
		}
		in.chain = false
	}
	if in.chain {
		frames, ok := parseFrames(in.await)
		if !ok {
			return bad
		}
		id, isNew := t.defs.intern("chain " + in.await + " " + in.state + " " + in.on)
		if isNew {
			c := Chain{State: unescapeValue(in.state), On: unescapeValue(in.on), Frames: frames}
			if c.State == "" {
				c.State = "suspended"
			}
			t.defs.chains[ChainID(id)] = c
		}
		t.event.Chain = ChainID(id)
	}
	return ""
}

// inlineStack gives frames an id; - and nothing have none.
func (t *TextReader) inlineStack(raw string) (StackID, bool) {
	frames, ok := parseFrames(raw)
	if !ok || len(frames) == 0 {
		return 0, ok
	}
	id, isNew := t.defs.intern("stack " + raw)
	if isNew {
		t.defs.stacks[StackID(id)] = frames
	}
	return StackID(id), true
}

func (d *textDefs) intern(key string) (id uint32, isNew bool) {
	if id, ok := d.inline[key]; ok {
		return id, false
	}
	d.last++
	d.inline[key] = d.last
	return d.last, true
}
