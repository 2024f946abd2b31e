package wording

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Size says how much was recorded.
func (p *Phraser) Size(run *analyze.Run) string {
	tasks, goroutines, loops := Counts(run)
	var parts []string
	if tasks > 0 || goroutines == 0 {
		parts = append(parts, Count(tasks, "task"))
	}
	if goroutines > 0 {
		parts = append(parts, Count(goroutines, "goroutine"))
	}
	if loops > 0 || goroutines == 0 {
		parts = append(parts, Count(loops, "loop"))
	}
	if n := Processes(run); n != 1 {
		parts = append(parts, Count(n, "process"))
	}
	return strings.Join(parts, ", ")
}

// Counts returns how many tasks, goroutines and loops the run had, those included that were only counted.
func Counts(run *analyze.Run) (tasks, goroutines, loops int) {
	goroutines = goroutineCount(run)
	for _, l := range run.Loops {
		if !Scheduler(l) {
			loops++
		}
	}
	return max(TaskCount(run)-goroutines, 0), goroutines, loops
}

// Processes returns how many processes were recorded; of some there may be two recordings.
func Processes(run *analyze.Run) int {
	twins := 0
	for _, p := range run.Processes {
		if p.Twin != nil {
			twins++
		}
	}
	return len(run.Processes) - twins/2
}

// TaskCount returns how many tasks the run spawned, those that were only counted included.
func TaskCount(run *analyze.Run) int {
	n := 0
	for _, s := range run.Folded {
		n += s.Spawned
	}
	return max(n, len(run.Tasks))
}

// Ending says which command was recorded and how it ended.
func (p *Phraser) Ending(run *analyze.Run) string {
	info := &run.Info
	if text := untold(run); text != "" {
		return text
	}
	command := "the program"
	if len(info.Command) > 0 {
		command = p.Command(info.Command)
	}
	switch {
	case !info.Ended:
		return command + " (how it ended was not observed)"
	case info.Signal != 0:
		return fmt.Sprintf("%s was ended by %s after %s", command, SignalName(info.Signal), Duration(info.DurationNS))
	}
	return fmt.Sprintf("%s exited with %d after %s", command, info.ExitCode, Duration(info.DurationNS))
}

// untold says what is known of a run that is only an execution trace of a Go program; "" for any other.
func untold(run *analyze.Run) string {
	if len(run.Processes) != 1 || !run.Processes[0].Go() || len(run.Info.Command) > 0 || run.Info.Ended {
		return ""
	}
	p := run.Processes[0]
	return "a Go program (" + Clean(p.Runtime, false) + "), traced for " + Duration(p.Exit.TimeNS-p.StartedNS)
}

// Command returns a command line, shortened.
func (p *Phraser) Command(argv []string) string {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = p.Clean(a)
		if i == 0 {
			words[i] = words[i][strings.LastIndexByte(words[i], '/')+1:]
		}
		if words[i] == "" || strings.ContainsAny(words[i], " '\"\\") {
			words[i] = "'" + words[i] + "'"
		}
	}
	return Middle(strings.Join(words, " "), PathColumns, p.ASCII)
}

// Accepted says how many findings were silenced and how many a baseline has, "" if none was.
func Accepted(res *analyze.Result) string {
	text, baselined := "", 0
	for i := range res.Silenced {
		if res.Silenced[i].By.Baseline {
			baselined++
		}
	}
	if n := len(res.Silenced) - baselined; n > 0 {
		text = "; " + Count(n, "finding") + " silenced"
	}
	if baselined > 0 {
		text += fmt.Sprintf("; %d baselined", baselined)
	}
	return text
}

// Stale says of how many entries of the baseline the run should have had findings and had none, "" if there are none.
func Stale(res *analyze.Result) string {
	n, file := 0, ""
	for i := range res.Unused {
		if s := &res.Unused[i]; s.Baseline {
			n, file = n+1, s.File
		}
	}
	if n == 0 {
		return ""
	}
	if n == 1 {
		return "1 entry of " + Clean(file, false) + " is stale: --update-baseline takes it out"
	}
	return fmt.Sprintf("%d entries of %s are stale: --update-baseline takes them out", n, Clean(file, false))
}

// FindingCounts returns "1 error, 2 warnings".
func FindingCounts(res *analyze.Result) string {
	var parts []string
	for _, s := range []analyze.Severity{analyze.Error, analyze.Warning, analyze.Note} {
		n := 0
		for i := range res.Findings {
			if res.Findings[i].Severity == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, Count(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// Clear is the verdict on a run without findings.
func Clear(run *analyze.Run) string {
	switch {
	case len(run.Processes) == 0:
		return "nothing was recorded"
	case !run.Health.Complete:
		return "no faults found in what was recorded"
	}
	return "no faults found"
}

// Missing says in which way a recording is incomplete, "" if it is not.
func Missing(h *analyze.Health) string {
	if h.Complete && h.Dropped == 0 && !h.Truncated {
		return ""
	}
	var parts []string
	if h.Truncated {
		parts = append(parts, "the trace is cut off")
	}
	if h.Dropped > 0 {
		parts = append(parts, Count(int(h.Dropped), "event")+" dropped while recording")
	}
	return strings.Join(append(parts, Count(int(h.Events), "event")+" read"), "; ")
}

// End says how a process ended: "exited with 1".
func (p *Phraser) End(process *analyze.Process) string {
	e := &process.Exit
	switch {
	case e.Reason == "os._exit" || e.Reason == "exec":
		return "ended by " + e.Reason + "()"
	case e.Signal != 0:
		return "ended by " + SignalName(e.Signal)
	case e.Code != nil:
		return fmt.Sprintf("exited with %d", *e.Code)
	case !e.Observed:
		return "end not observed"
	}
	return "ended"
}
