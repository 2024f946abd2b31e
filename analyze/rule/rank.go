package rule

import (
	"cmp"
	"math"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// rank sorts findings so that the first is the one to act on: by severity, then by time, because what came first may have
// led to the rest, then by the order of the rules.
func rank(found []analyze.Finding) {
	place := map[string]int{}
	for i, r := range All() {
		place[r.ID] = i
	}
	slices.SortStableFunc(found, func(a, b analyze.Finding) int { return compare(place, &a, &b) })
}

func compare(place map[string]int, a, b *analyze.Finding) int {
	return cmp.Or(
		cmp.Compare(weight(a.Severity), weight(b.Severity)),
		cmp.Compare(timeOf(a), timeOf(b)),
		cmp.Compare(place[a.Rule], place[b.Rule]),
		cmp.Compare(processID(a), processID(b)),
		cmp.Compare(loopID(a), loopID(b)),
		cmp.Compare(a.Cause, b.Cause),
		compareFrames(a.At, b.At),
		cmp.Compare(testID(a), testID(b)),
		cmp.Compare(a.Message, b.Message),
	)
}

func weight(s analyze.Severity) int {
	switch s {
	case analyze.Error:
		return 0
	case analyze.Warning:
		return 1
	}
	return 2
}

// timeOf is when the fault happened: that of the close, else that of the first evidence.
func timeOf(f *analyze.Finding) int64 {
	if f.Close != nil {
		return f.Close.TimeNS
	}
	if len(f.Evidence) > 0 && f.Evidence[0].TimeNS >= 0 {
		return f.Evidence[0].TimeNS
	}
	return math.MaxInt64
}

func processID(f *analyze.Finding) int {
	if f.Process == nil {
		return 0
	}
	return f.Process.ID
}

func testID(f *analyze.Finding) int {
	if len(f.Tests) == 0 {
		return 0
	}
	return f.Tests[0].ID
}

func loopID(f *analyze.Finding) int {
	if f.Loop == nil {
		return 0
	}
	return f.Loop.ID
}

func compareFrames(a, b *analyze.Frame) int {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Function, b.Function),
	)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
