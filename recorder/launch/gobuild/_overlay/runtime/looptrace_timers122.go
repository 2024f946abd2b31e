package runtime

// What follows is appended.

// looptraceTimers reports whether a processor has a timer beside those of the trace. [Go 1.22]
func looptraceTimers(pp *p, a, b *wakeableSleep) bool {
	found := false
	lock(&pp.timersLock)
	for _, t := range pp.timers {
		found = found || (a == nil || t != a.timer) && (b == nil || t != b.timer)
	}
	unlock(&pp.timersLock)
	return found
}
