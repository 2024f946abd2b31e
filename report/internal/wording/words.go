package wording

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// Verb picks the form of a verb for a number.
func Verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Count returns "1 task", "2 tasks".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		return strconv.Itoa(n) + " " + noun + "es"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// SignalName returns "SIGTERM" for 15.
func SignalName(n int) string {
	if name, ok := map[int]string{
		1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
		10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	}[n]; ok {
		return name
	}
	return "signal " + strconv.Itoa(n)
}

// Duration returns a duration in ns with three digits, in the unit that suits it.
func Duration(ns int64) string {
	d := time.Duration(ns)
	switch {
	case d < 0:
		return "-" + Duration(-ns)
	case d == 0:
		return "0 s"
	case d < time.Microsecond:
		return strconv.FormatInt(ns, 10) + " ns"
	case d < time.Millisecond:
		return digits(float64(ns)/1e3) + " us"
	case d < time.Second:
		return digits(float64(ns)/1e6) + " ms"
	case d < time.Minute:
		return digits(float64(ns)/1e9) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

func digits(f float64) string {
	switch {
	case f < 9.995:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 99.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// Instant returns a moment of the run in seconds.
func Instant(ns int64) string { return fmt.Sprintf("%.3f s", float64(ns)/1e9) }

// Capital begins a sentence with a capital letter.
func Capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// TaskWord puts "task" before a name; the names that asyncio gives say themselves that it is one,
// as do those of goroutines: "Task-2".
func TaskWord(name string) string {
	if strings.HasPrefix(name, "Task-") || goroutineName(name) {
		return name
	}
	return "task " + name
}

// WaitsFor says in words what a task waits for, "" if that is not known. taskName names a task.
func WaitsFor(on analyze.On, taskName func(*analyze.Task) string) string {
	if on.Task != nil {
		phrase := TaskWord(taskName(on.Task))
		if on.Kind != "" && on.Kind != "task" {
			phrase = Clean(on.Kind, true) + " on " + phrase
		}
		return phrase
	}
	if p, ok := goWaits()[on.Kind]; ok {
		return p
	}
	phrases := map[string]string{
		"future": "a future", "task": "a task", "sleep": "a timer", "queue": "a queue", "lock": "a lock", "event": "an event",
		"condition": "a condition", "semaphore": "a semaphore", "barrier": "a barrier", "executor": "a job in an executor thread",
		"io": "I/O", "gather": "a gather()", "shield": "a shield()", "wait": "a wait()", "subprocess": "a subprocess", "none": "", "": "",
	}
	if p, ok := phrases[on.Kind]; ok {
		return p
	}
	return Clean(on.Kind, true)
}
