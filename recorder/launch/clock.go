package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// moment is one instant on both clocks of a trace.
type moment struct {
	unix int64 // ns
	mono int64 // ns on the clock that the recorder reads
}

func now() moment {
	var ts unix.Timespec
	m := moment{unix: time.Now().UnixNano()}
	if unix.ClockGettime(recorderClock, &ts) == nil {
		m.mono = ts.Nano()
	}
	return m
}
