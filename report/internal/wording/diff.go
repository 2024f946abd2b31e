package wording

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/compare"
)

// DiffVerdict says in one line what differs in the findings: "1 new error, 2 gone; 3 as before".
func DiffVerdict(r *compare.Report) string {
	var parts []string
	for _, s := range []analyze.Severity{analyze.Error, analyze.Warning, analyze.Note} {
		n := 0
		for _, f := range r.Added {
			if f.Severity == s {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, Count(n, "new "+string(s)))
		}
	}
	if n := len(r.Gone); n > 0 {
		parts = append(parts, fmt.Sprintf("%d gone", n))
	}
	if n := len(r.Changed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d changed", n))
	}
	text := "no difference in the findings"
	if len(parts) > 0 {
		text = strings.Join(parts, ", ")
	}
	if r.Same > 0 {
		text += fmt.Sprintf("; %d as before", r.Same)
	}
	return text
}

// DiffWhat says in what a finding differs: "error instead of warning; 3 tasks instead of 2".
func DiffWhat(c *compare.Change) string {
	var parts []string
	for _, what := range c.What {
		switch what {
		case "severity":
			parts = append(parts, fmt.Sprintf("%s instead of %s", c.New.Severity, c.Old.Severity))
		case "cause":
			parts = append(parts, fmt.Sprintf("cause %s instead of %s", orNone(c.New.Cause), orNone(c.Old.Cause)))
		case "tasks":
			parts = append(parts, fmt.Sprintf("%s instead of %d", Count(len(c.New.Tasks), "task"), len(c.Old.Tasks)))
		case "message":
			parts = append(parts, "another message")
		}
	}
	return strings.Join(parts, "; ")
}

func orNone(cause string) string {
	if cause == "" {
		return "none"
	}
	return Clean(cause, false)
}

// SaysMessage reports whether the old message of a changed finding says something that its new one does not.
func SaysMessage(c *compare.Change) bool {
	return slices.Contains(c.What, "message") || slices.Contains(c.What, "cause")
}

// DiffTotal is a line of the totals.
type DiffTotal struct{ Name, Old, New, Change string }

// DiffTotals returns the totals of both runs, those without any left out.
func DiffTotals(r *compare.Report) []DiffTotal {
	a, b := &r.Old.Totals, &r.New.Totals
	var out []DiffTotal
	times := func(name string, old, fresh int64) {
		out = append(out, DiffTotal{name, Duration(old), Duration(fresh), Ratio(old, fresh)})
	}
	counts := func(name string, old, fresh int, always bool) {
		if always || old != 0 || fresh != 0 {
			out = append(out, DiffTotal{name, strconv.Itoa(old), strconv.Itoa(fresh), Delta(old, fresh)})
		}
	}
	times("duration", a.DurationNS, b.DurationNS)
	if DiffNoSites(r) == "" {
		times("busy in steps", a.BusyNS, b.BusyNS)
	}
	counts("processes", a.Processes, b.Processes, a.Processes != 1 || b.Processes != 1)
	counts("tasks", a.Tasks, b.Tasks, true)
	counts("loops", a.Loops, b.Loops, true)
	counts("loops closed", a.Closed, b.Closed, true)
	counts("closes refused", a.Refused, b.Refused, false)
	counts("live at close", a.LiveAtClose, b.LiveAtClose, true)
	counts("live at the end", a.LiveAtEnd, b.LiveAtEnd, false)
	counts("errors", a.Errors, b.Errors, true)
	counts("warnings", a.Warnings, b.Warnings, true)
	counts("notes", a.Notes, b.Notes, false)
	counts("accepted", a.Accepted, b.Accepted, false)
	return out
}

// Delta returns "+3", "-2" or "".
func Delta(old, fresh int) string {
	if old == fresh {
		return ""
	}
	return fmt.Sprintf("%+d", fresh-old)
}

// Ratio returns by which factor a time grew or shrank, "" if there is none to tell.
func Ratio(old, fresh int64) string {
	if old <= 0 || fresh <= 0 {
		return ""
	}
	f := float64(fresh) / float64(old)
	switch {
	case f >= 99.5:
		return fmt.Sprintf("x%.0f", f)
	case f >= 0.995:
		return fmt.Sprintf("x%.1f", f)
	}
	return fmt.Sprintf("x%.2f", f)
}

// Went returns "2 → 30", one number if they are the same, and nothing for none.
func Went(old, fresh int, ascii bool) string {
	switch {
	case old == 0 && fresh == 0:
		return ""
	case old == fresh:
		return strconv.Itoa(old)
	}
	return strconv.Itoa(old) + arrow(ascii) + strconv.Itoa(fresh)
}

// WentTime is Went for times in ns.
func WentTime(old, fresh int64, ascii bool) string {
	if old == 0 && fresh == 0 {
		return ""
	}
	return Duration(old) + arrow(ascii) + Duration(fresh)
}

func arrow(ascii bool) string {
	if ascii {
		return " -> "
	}
	return " → "
}

// SpawnedAt returns where the tasks of a site are spawned: "app.py in main".
func SpawnedAt(s *compare.Site) string {
	text := s.Path
	if s.Function != "" {
		text += " in " + s.Function
	}
	switch {
	case s.Via != "":
		return s.Via
	case text == "":
		return "(not observed)"
	}
	return text
}

// DiffSites is the line under the list of sites, of which some are shown.
func DiffSites(r *compare.Report, shown int) string {
	text := Count(len(r.Sites), "creation site") + " of " + strconv.Itoa(len(r.Sites)+r.Alike) + " differ"
	if len(r.Sites) == 1 {
		text += "s"
	}
	if shown < len(r.Sites) {
		text += fmt.Sprintf("; only %d shown, --format json has all", shown)
	}
	return text
}

// DiffNoSites says why there are no numbers by creation site, "" if there are.
func DiffNoSites(r *compare.Report) string {
	for _, side := range []struct {
		name string
		s    *compare.Side
	}{{"old", r.Old}, {"new", r.New}} {
		if side.s.NoSites {
			return "the " + side.name + " run does not tell how many tasks were spawned where: its report is of an older looptrace"
		}
	}
	return ""
}
