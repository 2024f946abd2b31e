package recorder

import "time"

// clock reads CLOCK_MONOTONIC, which is what all recordings of a host are ordered by, at the price of time.Since.
type clock struct {
	base   time.Time
	offset int64 // of base on CLOCK_MONOTONIC, ns
}

func (c *clock) now() int64 { return c.offset + int64(time.Since(c.base)) }

// at turns a time of the clock into one of package time.
func (c *clock) at(ns int64) time.Time { return c.base.Add(time.Duration(ns - c.offset)) }

func newClock() clock { return clock{base: time.Now(), offset: 1} }
