package tracetest

import (
	"fmt"
	"io"
	"math/rand"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

func format(f string, args ...any) string { return fmt.Sprintf(f, args...) }

// busySites is how many places of a busy run spawn tasks, busyChains how many await chains are seen.
const (
	busySites  = 60
	busyChains = 90
	busyLive   = 500
)

// BusySource is a synthetic run of a busy asyncio service: one loop, tasks that wait for timers and each other, some
// hundred of them live. It holds the live tasks only, so that any number of events can be drawn.
type BusySource struct {
	rng     *rand.Rand
	left    int
	time    int64
	queue   []tracefile.Event // made, not yet drawn
	event   tracefile.Event
	ready   []*busyTask
	timers  [64][]*busyTask
	turn    int
	live    int
	last    tracefile.TaskID
	count   uint64
	stopped bool
}

type busyTask struct {
	id    tracefile.TaskID
	steps int
}

// Busy returns a run of about the given number of events. The same arguments give the same events.
func Busy(events int, seed int64) *BusySource {
	s := &BusySource{rng: rand.New(rand.NewSource(seed)), left: events, time: 5_000_000_000}
	s.add(tracefile.Event{Kind: tracefile.ProcessStarted, Attrs: tracefile.Attrs{
		{Key: "pid", Value: "100"},
		{Key: "ppid", Value: "1"},
		{Key: "argv", Value: `["app.py"]`},
		{Key: "python", Value: "3.13.0"},
		{Key: "implementation", Value: "cpython"},
		{Key: "recorder", Value: "python"},
		{Key: "forked", Value: "0"},
	}})
	s.add(tracefile.Event{Kind: tracefile.LoopOpened, Loop: 1, Stack: 1, Attrs: tracefile.Attrs{{Key: "class", Value: "_UnixSelectorEventLoop"}}})
	s.add(tracefile.Event{Kind: tracefile.RunBegun, Loop: 1, Stack: 1, Attrs: tracefile.Attrs{{Key: "api", Value: "asyncio.run"}}})
	return s
}

func (s *BusySource) add(e tracefile.Event) {
	e.Time, e.Stream = s.time, 1
	s.queue = append(s.queue, e)
}

// work lets between one and about most ns pass.
func (s *BusySource) work(most int) { s.time += 1 + int64(s.rng.ExpFloat64()*float64(most)/3) }

// Next returns the next event.
func (s *BusySource) Next() (*tracefile.Event, error) {
	for len(s.queue) == 0 {
		if s.stopped {
			return nil, io.EOF
		}
		s.queue = s.queue[:0]
		s.iteration()
	}
	s.event = s.queue[0]
	s.queue = s.queue[1:]
	s.count++
	s.left--
	return &s.event, nil
}

func (s *BusySource) iteration() {
	if s.left <= 0 {
		s.stopped = true
		s.add(tracefile.Event{Kind: tracefile.RunEnded, Loop: 1})
		s.add(tracefile.Event{Kind: tracefile.ProcessEnding, Attrs: tracefile.Attrs{{Key: "reason", Value: "exit"}}})
		return
	}
	s.work(4_000)
	s.add(tracefile.Event{Kind: tracefile.IOWaitBegun, Loop: 1})
	s.work(300_000)
	s.add(tracefile.Event{Kind: tracefile.IOWaitEnded, Loop: 1})
	s.turn++
	slot := &s.timers[s.turn%len(s.timers)]
	s.ready = append(s.ready, *slot...)
	*slot = (*slot)[:0]
	ready := s.ready
	s.ready = nil
	for range 1 + s.rng.Intn(8) {
		if s.live < busyLive {
			s.spawn()
		}
	}
	for _, t := range ready {
		s.step(t)
	}
}

func (s *BusySource) spawn() {
	s.work(8_000)
	s.last++
	s.live++
	s.add(tracefile.Event{Kind: tracefile.TaskSpawned, Task: s.last, Loop: 1, Site: tracefile.SiteID(1 + min(s.rng.Intn(busySites), s.rng.Intn(busySites)))})
	s.ready = append(s.ready, &busyTask{id: s.last})
}

func (s *BusySource) step(t *busyTask) {
	s.work(6_000)
	s.add(tracefile.Event{Kind: tracefile.StepBegun, Task: t.id})
	s.work(30_000)
	t.steps++
	switch n := s.rng.Intn(40); {
	case n < 8 && t.steps > 1:
		s.live--
		s.add(tracefile.Event{
			Kind: tracefile.TaskEnded, Task: t.id, Number: tracefile.OutcomeReturned, Name: format("Task-%d", t.id),
		})
		if n < 4 {
			s.add(tracefile.Event{Kind: tracefile.CallbackBegun})
		}
	case n == 8:
		s.live--
		s.add(tracefile.Event{Kind: tracefile.TaskEnded, Task: t.id, Number: tracefile.OutcomeCancelled, Name: "worker"})
	case n < 12:
		s.add(tracefile.Event{Kind: tracefile.TaskWaiting, Task: t.id, Chain: tracefile.ChainID(1 + s.rng.Intn(busyChains))})
		fallthrough
	case n < 30:
		slot := &s.timers[(s.turn+1+s.rng.Intn(len(s.timers)-2))%len(s.timers)]
		*slot = append(*slot, t)
	default:
		s.ready = append(s.ready, t)
	}
}

func busyFrame(n int) tracefile.Frame {
	f := tracefile.Frame{File: format("/srv/app/module%d.py", n%7), Line: 10 + n, Function: format("handler%d", n%23)}
	f.Qualname = "Service." + f.Function
	f.Text = format("await self.handler%d(request, timeout=%d)", n%23, n)
	return f
}

// Stack returns one of the stacks of the run.
func (s *BusySource) Stack(id tracefile.StackID) []tracefile.Frame {
	if id < 1 || id > busySites {
		return nil
	}
	var list []tracefile.Frame
	for i := range 6 {
		list = append(list, busyFrame(int(id)*(6-i)))
	}
	return list
}

// Site returns one of the spawn sites of the run.
func (s *BusySource) Site(id tracefile.SiteID) tracefile.Site {
	if id < 1 || id > busySites {
		return tracefile.Site{}
	}
	def := busyFrame(int(id))
	return tracefile.Site{Stack: tracefile.StackID(id), Coro: def.Qualname, Def: def}
}

// Chain returns one of the await chains of the run.
func (s *BusySource) Chain(id tracefile.ChainID) tracefile.Chain {
	if id < 1 || id > busyChains {
		return tracefile.Chain{}
	}
	return tracefile.Chain{State: "suspended", On: "future", Frames: []tracefile.Frame{busyFrame(int(id)), busyFrame(int(id) + 50)}}
}

// Run describes the run.
func (s *BusySource) Run() tracefile.RunInfo {
	return tracefile.RunInfo{
		Command: []string{"python", "app.py"}, StartedAt: 1_700_000_000_000_000_000, StartedNS: 4_990_000_000,
		DurationNS: 60_000_000_000, Ended: true, PID: 100,
	}
}

// Health counts the events.
func (s *BusySource) Health() tracefile.Health { return tracefile.Health{Events: s.count} }
