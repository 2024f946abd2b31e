package sample

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// target is one recorded process.
type target struct {
	sampler *Sampler
	watch   *tracefile.Watch
	out     *tracefile.SampleWriter
	steps   map[tracefile.ThreadID]*step
	in      *interpreter
	tried   bool // to attach: in is nil if that failed
	written int
	idle    int // looks without news
}

func newTarget(s *Sampler, w *tracefile.Watch) *target {
	return &target{sampler: s, watch: w, out: tracefile.NewSampleWriter(s.dir, w.Token), steps: map[tracefile.ThreadID]*step{}}
}

func (t *target) close() {
	t.watch.Close()
	t.out.Close() // nothing is buffered
}

// lost is after how many looks without news it is asked whether the process is still there.
const lost = 40

// gone reports whether the process has ended.
func (t *target) gone() bool {
	return t.idle > 0 && t.idle%lost == 0 && errors.Is(syscall.Kill(t.watch.PID, 0), syscall.ESRCH)
}

// look reads what is new, samples the steps that are due, and reports whether something happens.
func (t *target) look() bool {
	moved := t.watch.Poll()
	if t.idle++; moved {
		t.idle = 0
	}
	if !t.watch.Busy() {
		clear(t.steps)
		return moved
	}
	now := t.sampler.clock()
	open := false
	for id, s := range t.watch.Open {
		known := t.steps[id]
		if known == nil || known.Position != s.Position {
			known = &step{OpenStep: s, next: int64(first)}
			t.steps[id] = known
		}
		age := now - s.BeganNS
		open = open || known.taken < most
		if t.written >= budget || known.taken >= most || age < int64(noticed) || id == sharedThread {
			continue
		}
		if known.basedAt == 0 {
			t.base(id, known)
		}
		if age >= known.next {
			t.sample(id, known)
			known.plan(age)
		}
	}
	return moved || open && t.idle < lost
}

// sharedThread stands for all threads from it on, in a slot.
const sharedThread = 31

// base takes the times of the step's thread, for later comparison.
func (t *target) base(id tracefile.ThreadID, s *step) {
	name, ok := t.watch.Thread(id)
	if !ok || name.Native == 0 {
		return
	}
	if base, ok := schedOf(t.watch.PID, int(name.Native)); ok {
		s.base, s.basedAt = base, t.sampler.clock()
	}
}

// sample writes where the step is, if it still is open after that was read.
func (t *target) sample(id tracefile.ThreadID, s *step) {
	if !t.attached() {
		s.taken = most
		return
	}
	name, ok := t.watch.Thread(id)
	if !ok {
		return
	}
	for range tries {
		now := t.sampler.clock()
		th, err := t.in.find(name.Ident)
		var stack []tracefile.Frame
		if err == nil {
			stack, err = t.in.step(th)
		}
		state, known := schedOf(t.watch.PID, int(name.Native))
		locked := err == nil && state.state == "S" && waitsBriefly(t.watch.PID, int(name.Native)) && t.in.excluded(th)
		t.watch.Poll()
		if !t.watch.In(id, s.OpenStep) {
			return
		}
		switch {
		case err == nil:
			attrs := s.attrs(now, state, known)
			if locked {
				attrs = append(attrs, tracefile.Attr{Key: "interpreter", Value: "1"})
			}
			t.write(now, id, s, stack, attrs)
			return
		case errors.Is(err, errTorn), errors.Is(err, errNoThread):
		case errors.Is(err, errOutside): // it left the loop, or is about to enter it
			return
		default:
			t.giveUp(err)
			return
		}
	}
}

// attrs describe the thread at a sample.
func (s *step) attrs(now int64, state sched, known bool) tracefile.Attrs {
	if !known {
		return nil
	}
	attrs := tracefile.Attrs{{Key: "state", Value: state.state}}
	if s.basedAt != 0 && s.base.ran >= 0 && state.ran >= 0 && s.base.startedTicks == state.startedTicks {
		add := func(key string, n int64) {
			attrs = append(attrs, tracefile.Attr{Key: key, Value: strconv.FormatInt(n, 10)})
		}
		add("over_ns", now-s.basedAt)
		add("cpu_ns", state.ran-s.base.ran)
		add("wait_ns", state.waited-s.base.waited)
	}
	return attrs
}

func (t *target) write(now int64, id tracefile.ThreadID, s *step, stack []tracefile.Frame, attrs tracefile.Attrs) {
	s.taken++
	t.written++
	if t.out.Sample(now, id, stack, attrs) != nil {
		t.written = budget // no room: what else there is to write matters more
	}
}

// attached reports whether the process can be read.
func (t *target) attached() bool {
	if t.tried {
		return t.in != nil
	}
	t.tried = true
	in, err := t.attach()
	if err != nil {
		t.giveUp(err)
		return false
	}
	t.in = in
	return in != nil
}

// giveUp says once why there are no more samples of the process; not when it has just ended.
func (t *target) giveUp(err error) {
	t.in = nil
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return
	}
	t.out.Note(t.sampler.clock(), fmt.Sprintf("process %d: where its long steps spend their time could not be seen: %v", t.watch.PID, err)) // nowhere else to say it
}

// attach finds the interpreter in the process and checks that it can be read.
func (t *target) attach() (*interpreter, error) {
	a := t.watch.Started()
	if a == nil {
		return nil, errors.New("it did not say what it is")
	}
	if strings.HasPrefix(a.Get("runtime"), "go") {
		return nil, nil // its steps are goroutines, and no stack of theirs can be read from here
	}
	if impl := a.Get("implementation"); impl != "cpython" {
		return nil, fmt.Errorf("not known for %s", impl)
	}
	list, holds, err := mappings(t.watch.PID, t.watch.Path())
	if err != nil {
		return nil, err
	}
	if len(list) == 0 { // it is ending
		return nil, os.ErrNotExist
	}
	if !holds {
		return nil, errors.New("its process id is that of another process here")
	}
	syms, err := t.sampler.images.find(t.watch.PID, list)
	if err != nil {
		return nil, err
	}
	in, err := attach(memory(t.watch.PID), syms, minorOf(a.Get("python")), a.Get("cwd"))
	if err != nil {
		return nil, err
	}
	return in, t.check(in)
}

// check tries whether what is read makes sense: one of the threads has a stack of code objects that have names.
func (t *target) check(in *interpreter) error {
	var err error
	for range tries {
		sound := false
		err = in.eachThread(func(th thread) bool {
			_, werr := in.walk(th)
			sound = sound || werr == nil || errors.Is(werr, errOutside)
			return !sound
		})
		if sound {
			return nil
		}
		if err != nil && !errors.Is(err, errTorn) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		return err
	}
	return errLayout
}
