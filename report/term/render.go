package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// briefShown bounds the findings after the first; the JSON report has all.
const briefShown = 10

// Render writes res as text: the verdict first, then the finding to act on in full, the others briefly, and what is
// missing from the recording. A clean run is one line.
func Render(w io.Writer, res *analyze.Result, o Options) error {
	p := newPrinter(w, o, res.Run)
	if len(res.Findings) == 0 {
		p.clear(res.Run, accepted(res))
		p.silenced(res)
		p.health(&res.Run.Health)
		return p.err
	}
	seen := map[*analyze.Close]bool{}
	for i := range res.Findings {
		f := &res.Findings[i]
		p.about(res.Run, f.Process)
		if i > briefShown {
			p.linef("")
			p.linef("and %s: looptrace report --format json has them all", count(len(res.Findings)-i, "more finding"))
			break
		}
		if i == 0 {
			p.finding(f, res.Run)
		} else {
			p.linef("")
			p.brief(f, res.Run, seen)
		}
		seen[f.Close] = true
	}
	p.linef("")
	p.tally(res)
	p.silenced(res)
	p.health(&res.Run.Health)
	return p.err
}

// clear is the line of a run without findings; it is one line at any width.
func (p *printer) clear(run *analyze.Run, more string) {
	verdict := "no faults found"
	switch {
	case len(run.Processes) == 0:
		verdict = "nothing was recorded"
	case !run.Health.Complete:
		verdict = "no faults found in what was recorded"
	}
	p.linef("%s%s; %s%s", p.o.paint(green, verdict+": "), p.ending(run), p.size(run), more)
}

// size says how much was recorded.
func (p *printer) size(run *analyze.Run) string {
	parts := []string{count(taskCount(run), "task"), count(len(run.Loops), "loop")}
	if n := len(run.Processes); n != 1 {
		parts = append(parts, count(n, "process"))
	}
	return strings.Join(parts, ", ")
}

// taskCount returns how many tasks the run spawned, those that were only counted included.
func taskCount(run *analyze.Run) int {
	n := 0
	for _, s := range run.Folded {
		n += s.Spawned
	}
	return max(n, len(run.Tasks))
}

// ending says which command was recorded and how it ended.
func (p *printer) ending(run *analyze.Run) string {
	info := &run.Info
	command := "the program"
	if len(info.Command) > 0 {
		command = p.command(info.Command)
	}
	switch {
	case !info.Ended:
		return command + " (how it ended was not observed)"
	case info.Signal != 0:
		return fmt.Sprintf("%s was ended by %s after %s", command, signalName(info.Signal), Duration(info.DurationNS))
	}
	return fmt.Sprintf("%s exited with %d after %s", command, info.ExitCode, Duration(info.DurationNS))
}

// command returns a command line, shortened.
func (p *printer) command(argv []string) string {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = p.clean(a)
		if i == 0 {
			words[i] = words[i][strings.LastIndexByte(words[i], '/')+1:]
		}
		if words[i] == "" || strings.ContainsAny(words[i], " '\"\\") {
			words[i] = "'" + words[i] + "'"
		}
	}
	return middle(strings.Join(words, " "), pathColumns, p.o.ASCII)
}

// tally is the line that ends a report with findings.
func (p *printer) tally(res *analyze.Result) {
	p.paragraph(findingCounts(res)+": ", bold, p.ending(res.Run)+"; "+p.size(res.Run)+accepted(res), plainText, 4)
}

// accepted says how many findings were silenced, "" if none was.
func accepted(res *analyze.Result) string {
	if len(res.Silenced) == 0 {
		return ""
	}
	return "; " + count(len(res.Silenced), "finding") + " silenced"
}

// findingCounts returns "1 error, 2 warnings".
func findingCounts(res *analyze.Result) string {
	var parts []string
	for _, s := range []analyze.Severity{analyze.Error, analyze.Warning, analyze.Note} {
		n := 0
		for i := range res.Findings {
			if res.Findings[i].Severity == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, count(n, string(s)))
		}
	}
	return strings.Join(parts, ", ")
}

// health says what is missing from the recording and what could not be decided; nothing when all is there.
func (p *printer) health(h *analyze.Health) {
	if h.Complete && h.Dropped == 0 && !h.Truncated {
		for _, n := range h.Notes {
			p.paragraph("note: ", cyan, p.text(n), plainText, 6)
		}
		return
	}
	var parts []string
	if h.Truncated {
		parts = append(parts, "the trace is cut off")
	}
	if h.Dropped > 0 {
		parts = append(parts, count(int(h.Dropped), "event")+" dropped while recording")
	}
	parts = append(parts, fmt.Sprintf("%s read", count(int(h.Events), "event")))
	p.paragraph("incomplete recording: ", yellow, strings.Join(parts, "; "), plainText, 4)
	for _, n := range h.Notes {
		p.paragraph("    ", plainText, p.text(n), plainText, 6)
	}
}
