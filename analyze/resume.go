package analyze

// Resumption is what became of a task that an interrupted run_until_complete() had left pending.
type Resumption struct {
	In        *LoopRun // the run in which it went on
	Steps     int      // that it took in it
	Cancelled bool     // it was cancelled before
}

// interrupted is a run that an exception left while its target was pending.
type interrupted struct {
	run              *LoopRun
	target           *task
	steps, cancelled int
}

// leftPending notes that a run of the loop ended by an exception before its target did.
func (l *loop) leftPending(r *LoopRun, t *task) {
	if r.Exception != "" && t != nil && t.outcome == 0 {
		t.refs++ // it is public anyway
		l.interrupted = append(l.interrupted, interrupted{run: r, target: t, steps: t.steps, cancelled: t.cancelled})
	}
}

// resumed finds the targets of earlier runs that went on in the run that has just ended.
func (l *loop) resumed(r *LoopRun) {
	kept := l.interrupted[:0]
	for _, i := range l.interrupted {
		if i.target.steps == i.steps || i.run == r || i.run.Outer == r {
			kept = append(kept, i)
			continue
		}
		i.run.Resumed = &Resumption{In: r, Steps: i.target.steps - i.steps, Cancelled: i.target.cancelled > i.cancelled}
	}
	l.interrupted = kept
}
