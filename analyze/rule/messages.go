package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// destroyed is what CPython says of a task that was collected while it was pending.
const destroyed = "Task was destroyed but it is pending!"

// tellMessages says under each finding which messages of the interpreter come from it, so that whoever has read those knows
// which finding to read. found is ranked.
func tellMessages(run *analyze.Run, found []analyze.Finding) {
	said := make([][]string, len(found))
	about := map[*analyze.Task]bool{} // tasks whose destruction was seen
	for _, p := range run.Processes {
		bugs := 0
		for i := range p.Handled {
			h := &p.Handled[i]
			if h.Task != nil && h.Message == destroyed {
				about[h.Task] = true
			}
			switch k := explains(found, p, h); {
			case knownBug(h):
				if h.Exception == "CancelledError" {
					bugs++
				}
			case k >= 0 && messageText(h) != "":
				said[k] = append(said[k], messageText(h))
			}
		}
		tellBugs(run, p, bugs)
	}
	told := map[*analyze.Task]bool{}
	for i := range found {
		end, silent := atTheEnd(&found[i], about, told)
		found[i].Messages = append(messageSentences(said[i]), end...)
		found[i].Follows = append(silent, found[i].Follows...)
	}
}

// explains returns the index of the finding that a message comes from, -1 if there is none: the one whose rule is about such
// messages, else the first that is about its task or line.
func explains(found []analyze.Finding, p *analyze.Process, h *analyze.HandledException) int {
	direct := func(f *analyze.Finding) bool { return tellsOf(f.Rule, h) && isAbout(f, p, h) }
	any := func(f *analyze.Finding) bool { return !describes(f.Rule) && timeOf(f) <= h.TimeNS && isAbout(f, p, h) }
	for _, matches := range []func(*analyze.Finding) bool{direct, any} {
		if i := slices.IndexFunc(found, func(f analyze.Finding) bool { return anyFolded(&f, matches) }); i >= 0 {
			return i
		}
	}
	return -1
}

// anyFolded reports whether something holds for a finding or one that was folded into it.
func anyFolded(f *analyze.Finding, matches func(*analyze.Finding) bool) bool {
	return matches(f) || slices.ContainsFunc(f.Folded, func(g analyze.Finding) bool { return anyFolded(&g, matches) })
}

// tellsOf reports whether a rule is about messages of that kind.
func tellsOf(rule string, h *analyze.HandledException) bool {
	switch rule {
	case "task-collected-pending", "pending-at-close":
		return h.Message == destroyed
	case "exception-never-retrieved":
		return strings.HasSuffix(h.Message, "exception was never retrieved") || isMessage(h, "Unhandled exception in client_connected_cb")
	case "callback-exception":
		return isMessage(h, "Exception in callback", "Fatal error", "Exception in protocol")
	case "shutdown-exception":
		return isMessage(h, "unhandled exception during asyncio.run() shutdown")
	case "asyncgen-close-failed":
		return isMessage(h, "an error occurred during closing of asynchronous generator")
	case "task-reentrancy":
		return h.Refused != ""
	}
	return false
}

// describes reports whether findings of a rule say how a run went, rather than what made it fail.
func describes(rule string) bool {
	return slices.Contains([]string{"loop-blocked", "task-starved", "slow-shutdown", "interrupted", "uncaught-exception"}, rule)
}

// isAbout reports whether a message is about the tasks, the line or the moment of a finding.
func isAbout(f *analyze.Finding, p *analyze.Process, h *analyze.HandledException) bool {
	switch {
	case f.Process != p:
		return false
	case h.Task != nil && slices.Contains(f.Tasks, h.Task), h.At != nil && f.At != nil && compareFrames(h.At, f.At) == 0:
		return true
	}
	return timeOf(f) == h.TimeNS && f.Loop == h.Loop
}

// messageText is a message as CPython prints it, without the names and values in it. "" if it cannot be told.
func messageText(h *analyze.HandledException) string {
	if h.Message == "Task" {
		return "Task ... has errored out but its parent task ... is already completed"
	}
	return h.Message
}

// messageSentences counts equal messages.
func messageSentences(said []string) []string {
	var out []string
	for _, m := range distinct(said) {
		if m.n == 1 {
			out = append(out, fmt.Sprintf("the message %q on stderr or in the log comes from this", m.text))
			continue
		}
		out = append(out, fmt.Sprintf("%d messages %q on stderr or in the log come from this", m.n, m.text))
	}
	return out
}

// atTheEnd is about the messages that come when the interpreter collects what a close dropped, after the recording has ended,
// and about tasks for which there are none.
func atTheEnd(f *analyze.Finding, seen, told map[*analyze.Task]bool) (messages, without []string) {
	if f.Process.Go() { // Go prints nothing about goroutines that are left
		return nil, nil
	}
	var tasks, silent []*analyze.Task
	child := false
	anyFolded(f, func(g *analyze.Finding) bool {
		child = child || g.Rule == "subprocess-outlives-loop"
		if g.Rule != "pending-at-close" || g.Close == nil {
			return false
		}
		about := make(map[*analyze.Task]bool, len(g.Tasks))
		for _, t := range g.Tasks {
			about[t] = true
		}
		for _, l := range own(g.Close.Live) {
			switch {
			case told[l.Task] || !about[l.Task]:
				continue
			case !l.LogDestroy:
				silent = append(silent, l.Task)
			case !seen[l.Task]:
				tasks = append(tasks, l.Task)
			}
			told[l.Task] = true
		}
		return false
	})
	if n := len(tasks); n > 0 {
		messages = append(messages, fmt.Sprintf("any %q or \"Exception ignored in ...\" about %s comes from this", destroyed, verb(n, "this task", "these "+count(n, "task"))))
	}
	if n := len(silent); n > 0 {
		which := verb(n, "it", "them")
		if len(tasks) > 0 || n < len(f.Tasks) {
			which = taskNames(silent)
		}
		without = append(without, fmt.Sprintf("the interpreter prints nothing about %s: its warning is switched off for tasks that gather() or run_until_complete() made", which))
	}
	if child {
		messages = append(messages, `any "Event loop is closed" out of BaseSubprocessTransport.__del__ comes from this`)
	}
	return messages, without
}

// tellBugs says which messages are CPython's own fault.
func tellBugs(run *analyze.Run, p *analyze.Process, n int) {
	if n == 0 {
		return
	}
	remark(run, fmt.Sprintf("%s%s \"Exception in callback StreamReaderProtocol.connection_made\" %s from an error of CPython %d.%d.%d itself, not from the program: it prints that for every handler of a stream server that is cancelled",
		inProcess(run, p), verb(n, "the message", count(n, "message")), verb(n, "comes", "come"), p.Version[0], p.Version[1], p.Version[2]))
}
