package runtime

// What follows is appended.

// looptraceTimers reports whether a processor has a timer beside those of the trace. [Go 1.23 and later]
func looptraceTimers(pp *p, a, b *wakeableSleep) bool {
	found := false
	lock(&pp.timers.mu)
	for _, t := range pp.timers.heap {
		found = found || (a == nil || t.timer != a.timer) && (b == nil || t.timer != b.timer)
	}
	unlock(&pp.timers.mu)
	return found
}
