package recorder

import "time"

// clock reads CLOCK_MONOTONIC, by which all recordings of a host are ordered, at the price of time.Since.
type clock struct {
	base   time.Time
	offset int64 // of base on CLOCK_MONOTONIC, ns
}

func (c *clock) now() int64 { return c.offset + int64(time.Since(c.base)) }

// at turns a time of the clock into one of package time.
func (c *clock) at(ns int64) time.Time { return c.base.Add(time.Duration(ns - c.offset)) }

// newClock sets the clock by monotonic, which returns 0 where there is no such clock. time.Since goes on with that clock; a
// reading between two of time.Now that are close together says where it stands.
func newClock() clock {
	c, best := clock{base: time.Now(), offset: 1}, time.Duration(-1)
	for range 5 {
		before := time.Now()
		ns := monotonic()
		took := time.Since(before)
		if ns != 0 && (best < 0 || took < best) {
			best = took
			c = clock{base: before, offset: ns - int64(took)/2}
		}
	}
	return c
}
