package sample

import (
	"math"
	"os"
	"time"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

const (
	often     = 25 * time.Millisecond // between two looks while something happens
	seldom    = 60 * time.Millisecond // while nothing does
	discovery = 100 * time.Millisecond
	share     = 100                    // looking takes at most 1/share of the time,
	slowest   = 100 * time.Millisecond // unless that would be to look less often than this

	noticed = 15 * time.Millisecond // age of a step when its thread's times are taken, to see what it does in it
	first   = 75 * time.Millisecond // age of a step at its first sample
	factor  = 1.5                   // of its age until the next one
	longest = 10 * time.Second      // between two samples
	most    = 60                    // samples of one step
	tries   = 4                     // at one that is torn
	budget  = 20_000                // samples of a process
)

// Sampler watches the processes of a spool.
type Sampler struct {
	dir   string
	clock func() int64
	stop  chan struct{}
	done  chan struct{}

	images  images
	targets map[string]*target // by token
	tokens  map[string]bool    // seen, also of those that are gone
	pids    map[int]string     // the last token of a process
	changed time.Time          // of the directory, when it was read last
}

// Start begins to watch a spool directory. clock returns the time on the clock that the recorders read.
func Start(dir string, clock func() int64) *Sampler {
	s := &Sampler{
		dir: dir, clock: clock, stop: make(chan struct{}), done: make(chan struct{}),
		images: images{}, targets: map[string]*target{}, tokens: map[string]bool{}, pids: map[int]string{},
	}
	go s.run()
	return s
}

// Stop ends it and returns when all it saw is written. A nil Sampler has seen nothing.
func (s *Sampler) Stop() {
	if s == nil {
		return
	}
	close(s.stop)
	<-s.done
}

func (s *Sampler) run() {
	defer close(s.done)
	timer := time.NewTimer(often)
	defer timer.Stop()
	var discovered time.Time
	for {
		select {
		case <-s.stop:
			for _, t := range s.targets {
				t.close()
			}
			return
		case <-timer.C:
		}
		began := time.Now()
		if began.Sub(discovered) >= discovery {
			s.discover()
			discovered = began
		}
		pause := seldom
		if s.look() {
			pause = often
		}
		timer.Reset(max(pause, min(share*time.Since(began), slowest)))
	}
}

// discover finds new processes.
func (s *Sampler) discover() {
	info, err := os.Stat(s.dir)
	if err != nil || info.ModTime().Equal(s.changed) {
		return
	}
	if time.Since(info.ModTime()) > time.Second { // what comes later has another time
		s.changed = info.ModTime()
	}
	for _, w := range tracefile.Watches(s.dir, func(token string) bool { return s.tokens[token] }) {
		s.tokens[w.Token] = true
		if before := s.targets[s.pids[w.PID]]; before != nil { // it executed another program
			before.close()
			delete(s.targets, before.watch.Token)
		}
		s.pids[w.PID] = w.Token
		s.targets[w.Token] = newTarget(s, w)
	}
}

// look looks at every process and reports whether something happens.
func (s *Sampler) look() bool {
	active := false
	for token, t := range s.targets {
		if t.look() {
			active = true
		} else if t.gone() {
			t.close()
			delete(s.targets, token)
		}
	}
	return active
}

// step is one that is watched.
type step struct {
	tracefile.OpenStep
	next    int64 // ns: age at the next sample
	taken   int
	base    sched // at the time
	basedAt int64
}

func (st *step) plan(age int64) {
	st.next = min(int64(math.Ceil(float64(age)*factor)), age+int64(longest))
}
