package runtime

// looptraceTimers reports whether a processor has a timer beside the one that begins generations. [Go 1.22]
func looptraceTimers(pp *p, mine *wakeableSleep) bool {
	found := false
	lock(&pp.timersLock)
	for _, t := range pp.timers {
		found = found || mine == nil || t != mine.timer
	}
	unlock(&pp.timersLock)
	return found
}
