package runtime

// looptraceTimers reports whether a processor has a timer beside the one that begins generations. [Go 1.23 and later]
func looptraceTimers(pp *p, mine *wakeableSleep) bool {
	found := false
	lock(&pp.timers.mu)
	for _, t := range pp.timers.heap {
		found = found || mine == nil || t.timer != mine.timer
	}
	unlock(&pp.timers.mu)
	return found
}
