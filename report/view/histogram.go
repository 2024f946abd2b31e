package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/gantt"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/term"
)

// strips shows when a task took its steps, and how long they took.
func strips(w io.Writer, res *analyze.Result, t *analyze.Task, o term.Options) error {
	if res.Run.Timeline == nil {
		return nil
	}
	chart, err := gantt.Build(res, gantt.Query{Tasks: []*analyze.Task{t}})
	if err != nil {
		return nil // a task that lived for no time has nothing to show
	}
	fmt.Fprintln(w)
	if err := term.Strip(w, res, chart, o); err != nil {
		return err
	}
	times := stepTimes(res.Run.Timeline, t)
	fmt.Fprintln(w)
	for _, line := range histogram(times, t.Steps, o) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// stepTimes returns how long the steps of a task took that ended, sorted.
func stepTimes(tl *analyze.Timeline, t *analyze.Task) []int64 {
	var times []int64
	for i := range tl.Steps {
		if s := &tl.Steps[i]; s.Task == t && s.EndNS != 0 {
			times = append(times, s.EndNS-s.BeginNS)
		}
	}
	slices.Sort(times)
	return times
}

// percentile returns the least of sorted times that p per cent are not above.
func percentile(times []int64, p int) int64 {
	return times[max((len(times)*p+99)/100-1, 0)]
}

// barColumns is how long the longest bar is.
const barColumns = 40

// histogram returns lines with the percentiles of sorted times, and a bar for each range of times that has any.
func histogram(times []int64, steps int, o term.Options) []string {
	if len(times) == 0 {
		return []string{"No step of it is kept."}
	}
	head := fmt.Sprintf("%s: p50 %s, p90 %s, p99 %s, longest %s", wording.Count(len(times), "step"), wording.Duration(percentile(times, 50)),
		wording.Duration(percentile(times, 90)), wording.Duration(percentile(times, 99)), wording.Duration(times[len(times)-1]))
	if len(times) < steps {
		head += fmt.Sprintf(" (of %d; the others are not kept)", steps)
	}
	lines := []string{head}
	type bucket struct {
		below int64
		n     int
	}
	var buckets []bucket
	most, below := 0, bound(times[0])
	for at := 0; at < len(times); below = bound(below) {
		n, _ := slices.BinarySearch(times[at:], below)
		buckets = append(buckets, bucket{below, n})
		most, at = max(most, n), at+n
	}
	bar := "█"
	if o.ASCII {
		bar = "#"
	}
	for _, b := range buckets {
		columns := 0
		if b.n > 0 {
			columns = max(b.n*barColumns/most, 1)
		}
		line := fmt.Sprintf("%9s  %s %d", "< "+wording.Duration(b.below), strings.Repeat(bar, columns), b.n)
		lines = append(lines, line)
	}
	return lines
}

// bound returns the next of 1, 2, 5, 10, 20… above a time.
func bound(ns int64) int64 {
	for power := int64(1); power < 1e18; power *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if n*power > ns {
				return n * power
			}
		}
	}
	return 1<<63 - 1
}
