package compare

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Options say what counts as a difference.
type Options struct {
	// MinChange is the factor by which a busy time must differ to be listed: times are different in every run. At most 1: any.
	MinChange float64
}

// leastBusy is the difference of busy times, in ns, below which none is listed: below it is what a scheduler does.
const leastBusy = 1_000_000

// Report is what differs between two runs.
type Report struct {
	Old, New *Side
	Added    []*Finding // only in the new run, by rank
	Gone     []Gone     // only in the old run, by rank
	Changed  []Change   // in both, and not the same; by the rank of the new one
	Same     int        // findings that are the same in both
	Sites    []SiteChange
	Alike    int // sites without a difference that is listed
}

// Gone is a finding that the new run does not have.
type Gone struct {
	*Finding
	Accepted bool // it has it: accepted by somebody
}

// Change is a finding that both runs have.
type Change struct {
	Old, New *Finding
	What     []string // "severity", "cause", "tasks", "message"
}

// SiteChange is a site of which the runs spawned different numbers of tasks, which ended differently or were busy for
// different times.
type SiteChange struct {
	Old, New *Site // nil: not in that run
	Counts   bool  // the numbers differ, not the times alone
}

// OldCounts returns the counts of the old run.
func (s *SiteChange) OldCounts() Counts { return countsOf(s.Old) }

// NewCounts returns the counts of the new run.
func (s *SiteChange) NewCounts() Counts { return countsOf(s.New) }

// Site returns the site, of the new run if it has it.
func (s *SiteChange) Site() *Site { return cmp.Or(s.New, s.Old) }

func countsOf(s *Site) Counts {
	if s == nil {
		return Counts{}
	}
	return s.Counts
}

// Runs compares two runs.
func Runs(old, fresh *Side, o Options) *Report {
	r := &Report{Old: old, New: fresh, Added: []*Finding{}, Gone: []Gone{}, Changed: []Change{}, Sites: []SiteChange{}}
	r.findings()
	r.sites(o)
	return r
}

func (r *Report) findings() {
	partner := pairFindings(r.Old, r.New)
	oldOf := make([]int, len(r.New.Findings))
	for i := range oldOf {
		oldOf[i] = -1
	}
	accepted := map[analyze.Identity]bool{}
	for _, f := range r.New.Accepted {
		accepted[f.Identity] = true
	}
	for i, j := range partner {
		if j < 0 {
			r.Gone = append(r.Gone, Gone{r.Old.Findings[i], accepted[r.Old.Findings[i].Identity]})
			continue
		}
		oldOf[j] = i
	}
	for j, f := range r.New.Findings {
		if oldOf[j] < 0 {
			r.Added = append(r.Added, f)
			continue
		}
		old := r.Old.Findings[oldOf[j]]
		if what := differences(old, f); len(what) > 0 {
			r.Changed = append(r.Changed, Change{old, f, what})
		} else {
			r.Same++
		}
	}
}

// differences says in what two findings of one identity differ. Numbers in a message are no difference: they are times, ids
// and lines. The number of tasks is told by itself, and with it the message says another number.
func differences(old, fresh *Finding) []string {
	var what []string
	if old.Severity != fresh.Severity {
		what = append(what, "severity")
	}
	if old.Cause != fresh.Cause {
		what = append(what, "cause")
	}
	if len(old.Tasks) != len(fresh.Tasks) {
		what = append(what, "tasks")
	}
	if len(what) == 0 && old.shape != fresh.shape {
		what = append(what, "message")
	}
	return what
}

func (r *Report) sites(o Options) {
	if r.Old.NoSites || r.New.NoSites {
		return
	}
	known := make([]bool, len(r.New.Sites))
	for i, j := range pairSites(r.Old, r.New) {
		var fresh *Site
		if j >= 0 {
			fresh, known[j] = r.New.Sites[j], true
		}
		r.site(SiteChange{Old: r.Old.Sites[i], New: fresh}, o)
	}
	for j, s := range r.New.Sites {
		if !known[j] {
			r.site(SiteChange{New: s}, o)
		}
	}
	slices.SortStableFunc(r.Sites, func(a, b SiteChange) int {
		return cmp.Or(
			-cmp.Compare(away(a.OldCounts().BusyNS, a.NewCounts().BusyNS), away(b.OldCounts().BusyNS, b.NewCounts().BusyNS)),
			-cmp.Compare(away(a.OldCounts().Spawned, a.NewCounts().Spawned), away(b.OldCounts().Spawned, b.NewCounts().Spawned)),
			compareSites(a.Site(), b.Site()),
		)
	})
}

// site lists a site if it differs.
func (r *Report) site(s SiteChange, o Options) {
	old, fresh := s.OldCounts(), s.NewCounts()
	s.Counts = old.Spawned != fresh.Spawned || old.Returned != fresh.Returned || old.Raised != fresh.Raised || old.Cancelled != fresh.Cancelled
	if s.Counts || Differs(old.BusyNS, fresh.BusyNS, o) {
		r.Sites = append(r.Sites, s)
	} else {
		r.Alike++
	}
}

// Differs reports whether two times, in ns, differ by more than what is different in every run.
func Differs(a, b int64, o Options) bool {
	low, high := min(a, b), max(a, b)
	return high-low >= leastBusy && float64(high) >= float64(low)*o.MinChange
}

func away[T int | int64](a, b T) T { return max(a, b) - min(a, b) }
