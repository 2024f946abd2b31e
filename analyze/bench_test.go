package analyze

import (
	"io"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// stream makes events as it goes: n tasks that live one after the other in groups of width, each taking steps steps.
type stream struct {
	*trace
	n, width, steps int
	e               tracefile.Event
	first, task     int
	phase           int
}

func (s *stream) Next() (*tracefile.Event, error) {
	if s.trace.next < len(s.trace.events) {
		return s.trace.Next()
	}
	s.now += 1000
	s.e = tracefile.Event{Time: s.now, Stream: 1}
	s.e.Task = tracefile.TaskID(s.first + s.task)
	switch {
	case s.phase == 0:
		s.e.Kind, s.e.Loop, s.e.Site = tracefile.TaskSpawned, 1, 1
	case s.phase <= s.steps:
		s.e.Kind = tracefile.StepBegun
	default:
		s.e.Kind, s.e.Number, s.e.Name = tracefile.TaskEnded, tracefile.OutcomeReturned, "Task-1"
	}
	if s.task++; s.task == s.width {
		s.task = 0
		if s.phase++; s.phase > s.steps+1 {
			s.phase = 0
			s.first += s.width
		}
	}
	if s.first > s.n {
		return nil, io.EOF
	}
	return &s.e, nil
}

func newStream(n, width, steps int) *stream {
	tr := newTrace()
	tr.open("run_forever")
	tr.site("job", "app.py:5:main:spawn()")
	return &stream{trace: tr, n: n, width: width, steps: steps, first: 1}
}

// BenchmarkBuild reports events per second of the analysis alone.
func BenchmarkBuild(b *testing.B) {
	for _, bb := range []struct {
		name         string
		width, steps int
	}{{"storm", 1000, 1}, {"steps", 1000, 100}, {"wide", 100_000, 4}} {
		b.Run(bb.name, func(b *testing.B) {
			const events = 2_000_000
			n := events / (bb.steps + 2)
			b.ReportAllocs()
			total := 0
			for b.Loop() {
				run, err := Build(newStream(n, bb.width, bb.steps), Options{KeepTasks: 1000})
				if err != nil {
					b.Fatal(err)
				}
				total += (run.Folded[0].Spawned + 1) * (bb.steps + 2)
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}
