// Package compare says what differs between two runs: findings, tasks by creation site, and totals. It holds facts; which of
// them matter is for its reader.
//
// Of gathers what of a run is compared (side.go). Runs pairs the findings and sites of two of them (match.go), from the most
// to the least alike, and says what differs in each pair (diff.go). Nothing is compared by line, directory, process id or task
// id: they are different each time.
package compare

import (
	"math"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Side is what of one run is compared.
type Side struct {
	Run      *analyze.Run
	Totals   Totals
	Findings []*Finding
	Accepted []*Finding // that somebody silenced, or a baseline has
	Sites    []*Site    // by their keys
	NoSites  bool       // it is not known how many tasks were spawned where
}

// Totals are the sums of a run.
type Totals struct {
	DurationNS  int64
	BusyNS      int64 // in steps of tasks
	Processes   int
	Tasks       int
	Loops       int
	Closed      int // closes that closed a loop
	Refused     int
	LiveAtClose int // tasks, over all closes that closed a loop
	LiveAtEnd   int // tasks on loops that were not closed when their processes ended
	Errors      int
	Warnings    int
	Notes       int
	Accepted    int
}

// Finding is a finding and what it is paired by.
type Finding struct {
	*analyze.Finding
	Identity analyze.Identity
	program  string // of its process
	shape    string // its message without what is different each time
}

// Site is a place that spawns tasks of one coroutine: lines and stacks of one function are put together.
type Site struct {
	Coro     string
	Path     string // as analyze.PathOf tells it; "" if no line of the program spawned
	Function string
	Via      string // the library function that spawned the tasks by itself; "" otherwise
	Process  *analyze.Process
	At       *analyze.Frame // the first line; nil as for Path
	Counts   Counts
	file     string
}

// Counts are sums over the tasks of a site.
type Counts struct {
	Spawned, Returned, Raised, Cancelled int
	BusyNS                               int64
}

// Unended returns how many tasks did none of the three: live at the end, or collected.
func (c Counts) Unended() int { return max(0, c.Spawned-add(c.Returned, add(c.Raised, c.Cancelled))) }

// Of gathers what of a result is compared.
func Of(res *analyze.Result) *Side {
	run := res.Run
	s := &Side{Run: run, Findings: []*Finding{}, Accepted: []*Finding{}, NoSites: len(run.Folded) == 0 && len(run.Tasks) > 0}
	for i := range res.Findings {
		s.Findings = append(s.Findings, newFinding(&res.Findings[i]))
	}
	for i := range res.Silenced {
		s.Accepted = append(s.Accepted, newFinding(&res.Silenced[i].Finding))
	}
	s.Sites = sitesOf(run)
	s.Totals = s.totals()
	return s
}

func newFinding(f *analyze.Finding) *Finding {
	return &Finding{Finding: f, Identity: analyze.IdentityOf(f), program: analyze.ProgramOf(f.Process), shape: shape(f.Message)}
}

func sitesOf(run *analyze.Run) []*Site {
	type place struct{ coro, file, function, via string }
	byPlace := map[place]*Site{}
	sites := []*Site{}
	for i := range run.Folded {
		c := &run.Folded[i]
		key := place{coro: c.Site.Coro, via: c.Site.Via}
		if at := c.Site.At; at != nil {
			key.file, key.function = at.File, analyze.FunctionOf(at)
		}
		s := byPlace[key]
		if s == nil {
			s = &Site{
				Coro: analyze.Storable(key.coro), Path: analyze.Storable(analyze.PathOf(c.Process, key.file)), Function: analyze.Storable(key.function),
				Via: analyze.Storable(key.via), Process: c.Process, At: c.Site.At, file: key.file,
			}
			byPlace[key] = s
			sites = append(sites, s)
		}
		s.Counts.Spawned = add(s.Counts.Spawned, c.Spawned)
		s.Counts.Returned = add(s.Counts.Returned, c.Returned)
		s.Counts.Raised = add(s.Counts.Raised, c.Raised)
		s.Counts.Cancelled = add(s.Counts.Cancelled, c.Cancelled)
		s.Counts.BusyNS = add(s.Counts.BusyNS, c.BusyNS)
	}
	sites = slices.DeleteFunc(sites, func(s *Site) bool { return s.Counts == Counts{} })
	slices.SortStableFunc(sites, compareSites)
	return sites
}

// add adds numbers that are not negative; a damaged trace or report may claim any, so a sum that is too large stays the largest.
func add[T int | int64](a, b T) T {
	if sum := a + b; sum >= a && sum >= b {
		return sum
	}
	return math.MaxInt64
}

func (s *Side) totals() Totals {
	run := s.Run
	t := Totals{DurationNS: run.Info.DurationNS, Processes: len(run.Processes), Loops: len(run.Loops), Accepted: len(s.Accepted)}
	for _, site := range s.Sites {
		t.Tasks = add(t.Tasks, site.Counts.Spawned)
		t.BusyNS = add(t.BusyNS, site.Counts.BusyNS)
	}
	t.Tasks = max(t.Tasks, len(run.Tasks))
	for _, c := range run.Closes {
		switch c.Outcome {
		case "closed":
			t.Closed++
			t.LiveAtClose += len(c.Live)
		case "refused":
			t.Refused++
		}
	}
	for _, p := range run.Processes {
		t.LiveAtEnd += len(p.Exit.Live)
	}
	for _, f := range s.Findings {
		switch f.Severity {
		case analyze.Error:
			t.Errors++
		case analyze.Warning:
			t.Warnings++
		default:
			t.Notes++
		}
	}
	return t
}
