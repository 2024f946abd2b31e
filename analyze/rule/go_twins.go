package rule

import "github.com/looptrace/looptrace/analyze"

// sameGoroutines holds where the goroutines of a finding are seen in the execution trace of a process at the very lines where
// the tasks of another stand, which the recorder of that process told of: they run these tasks.
func sameGoroutines(root, symptom *analyze.Finding) bool {
	if root.Process == nil || symptom.Process == nil || root.Process.Twin != symptom.Process && root.Process != symptom.Process || !symptom.Process.Go() || len(symptom.Tasks) == 0 {
		return false
	}
	type line struct {
		file string
		line int
	}
	at := map[line]bool{}
	for t, l := range liveIn(root) {
		if l.At != nil && !t.Goroutine() {
			at[line{l.At.File, l.At.Line}] = true
		}
	}
	live := liveIn(symptom)
	for _, t := range symptom.Tasks {
		l := live[t]
		if l == nil || l.At == nil || !t.Goroutine() || !at[line{l.At.File, l.At.Line}] {
			return false
		}
	}
	return true
}

// liveIn returns where the tasks of a finding stood at its close, else at the end of its process.
func liveIn(f *analyze.Finding) map[*analyze.Task]*analyze.Live {
	live := f.Process.Exit.Live
	if f.Close != nil {
		live = f.Close.Live
	}
	byTask := map[*analyze.Task]*analyze.Live{}
	for _, l := range live {
		byTask[l.Task] = l
	}
	of := map[*analyze.Task]*analyze.Live{}
	for _, t := range f.Tasks {
		if l := byTask[t]; l != nil {
			of[t] = l
		}
	}
	return of
}
