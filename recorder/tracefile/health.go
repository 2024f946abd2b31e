package tracefile

import (
	"fmt"
	"slices"
	"strconv"
)

// maxNotes bounds Health.Notes: a file that is wrong in a million places is described well enough by the first ones.
const maxNotes = 100

// healthLog collects what is known to be missing.
type healthLog struct {
	Health
	more int // notes beyond maxNotes
}

func (h *healthLog) note(format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	switch {
	case slices.Contains(h.Notes, text):
	case len(h.Notes) < maxNotes:
		h.Notes = append(h.Notes, text)
	default:
		h.more++
	}
}

// observe counts an event and takes what the recorder says in it about itself.
func (h *healthLog) observe(e *Event) {
	h.Events++
	if e.Kind == NoteAdded {
		if text := e.Attrs.Get("text"); text != "" {
			h.note("%s", text)
		}
		if n, err := strconv.ParseUint(e.Attrs.Get("dropped"), 10, 64); err == nil {
			h.Dropped += n
		}
	}
}

// merge adds what the writer of a file knew to be missing. Dropped needs no adding: the events that say it are in the file.
func (h *healthLog) merge(truncated bool, notes []string) {
	h.Truncated = h.Truncated || truncated
	for _, n := range notes {
		h.note("%s", n)
	}
}

func (h *healthLog) get() Health {
	out := h.Health
	out.Notes = slices.Clone(h.Notes)
	if h.more > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("and %d more notes of this kind", h.more))
	}
	return out
}
