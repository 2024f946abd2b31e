package main

import (
	"fmt"
	"io"
	"time"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// How long a command is silent, and how often it says how far it is.
const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 100 * time.Millisecond
)

// progress is a line on the terminal that says how far something is, if that takes long.
type progress struct {
	w    io.Writer // nil: nobody would see it
	what string
	next time.Time
	said bool
}

func newProgress(env *environment, what string) *progress {
	p := &progress{what: printable(what), next: time.Now().Add(progressAfter)}
	if _, ok := terminal(env.stderr); ok {
		p.w = env.stderr
	}
	return p
}

// at says how many events were read; between two times it is silent.
func (p *progress) at(events int) {
	now := time.Now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next, p.said = now.Add(progressEvery), true
	fmt.Fprintf(p.w, "\r\x1b[Klooptrace: %s: %.1f M events", p.what, float64(events)/1e6)
}

// done wipes the line.
func (p *progress) done() {
	if p.said {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// watched is a source that tells how many events were read.
type watched struct {
	tracefile.Source
	progress *progress
	events   int
}

// watchEvery is how many events pass between two looks at the clock.
const watchEvery = 1 << 16

// Next returns the next event.
func (s *watched) Next() (*tracefile.Event, error) {
	if s.events++; s.events%watchEvery == 0 {
		s.progress.at(s.events)
	}
	return s.Source.Next()
}
