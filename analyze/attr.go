package analyze

import (
	"strconv"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// number reads a decimal attribute; 0 if it is absent or damaged.
func number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// signed reads a decimal attribute that may be negative.
func signed(s string, absent int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return absent
	}
	return n
}

func isSet(e *tracefile.Event, key string) bool { return e.Attrs.Get(key) == "1" }

// text reads an attribute that the reader may have put into a field of the event.
func text(e *tracefile.Event, key, field string) string {
	if field != "" {
		return field
	}
	return e.Attrs.Get(key)
}
