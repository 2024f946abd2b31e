package rule

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// namesShown bounds how many names a sentence lists.
const namesShown = 3

// count returns "1 task", "2 tasks".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// verb returns the form of a verb that goes with n things.
func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// taskName names a task as its author knows it.
func taskName(t *analyze.Task) string {
	if t.Name != "" {
		return t.Name
	}
	if t.Site != nil && t.Site.Coro != "" {
		return t.Site.Coro + "()"
	}
	return "#" + strconv.Itoa(t.ID)
}

// theTask returns "task poller"; the names that asyncio gives say themselves that it is one: "Task-2".
func theTask(t *analyze.Task) string {
	if name := taskName(t); strings.HasPrefix(name, "Task-") {
		return name
	}
	return "task " + taskName(t)
}

// taskNames returns `worker-1, worker-2 and 3 more`.
func taskNames(tasks []*analyze.Task) string {
	var names []string
	for i, t := range tasks {
		if i == namesShown && len(tasks) > namesShown+1 {
			return strings.Join(names, ", ") + fmt.Sprintf(" and %d more", len(tasks)-i)
		}
		names = append(names, taskName(t))
	}
	return listed(names)
}

// listed joins words: "a", "a and b", "a, b and c".
func listed(words []string) string {
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// counted is a text and how often it was met.
type counted struct {
	text string
	n    int
}

// distinct counts equal texts, in the order of the first of each.
func distinct(texts []string) []counted {
	var out []counted
	for _, t := range texts {
		i := slices.IndexFunc(out, func(c counted) bool { return c.text == t })
		if i < 0 {
			i = len(out)
			out = append(out, counted{text: t})
		}
		out[i].n++
	}
	return out
}

// theTasks returns `1 task (poller)`, `2 tasks (a and b)`.
func theTasks(tasks []*analyze.Task) string {
	return count(len(tasks), "task") + " (" + taskNames(tasks) + ")"
}

// place returns where a frame is in the words of an editor: app.py:12, relative to where the process was started.
func place(p *analyze.Process, f *analyze.Frame) string {
	if f == nil {
		return "a place that was not recorded"
	}
	if f.Line <= 0 {
		return relative(p, f.File)
	}
	return relative(p, f.File) + ":" + strconv.Itoa(f.Line)
}

// relative returns the path of a file below the process's current directory relative to it, any other as it is.
func relative(p *analyze.Process, file string) string {
	if p == nil || p.Dir() == "" || strings.HasPrefix(file, "<") || !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(p.Dir(), file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// inFunction returns " in shutdown()" for a frame of a function, "" for one of a module.
func inFunction(f *analyze.Frame) string {
	if f == nil || f.Function == "" || strings.HasPrefix(f.Function, "<") {
		return ""
	}
	return " in " + f.Function + "()"
}

// signalName returns "SIGTERM" for 15.
func signalName(n int) string {
	names := map[int]string{
		1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
		10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	}
	if s, ok := names[n]; ok {
		return s
	}
	return "signal " + strconv.Itoa(n)
}

// evidence collects the facts behind a finding.
type evidence []analyze.Evidence

func (e *evidence) add(timeNS int64, at *analyze.Frame, format string, args ...any) {
	*e = append(*e, analyze.Evidence{Text: fmt.Sprintf(format, args...), At: at, TimeNS: timeNS})
}
