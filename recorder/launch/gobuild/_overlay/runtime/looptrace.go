// This is appended to a file of package runtime in a program that looptrace run builds. Where LOOPTRACE_SPOOL is not set, nothing in
// it runs. Else it reads the execution trace that package syscall (its twin there) asks for, and shares it with the program's
// own tracing: to the program, StartTrace, ReadTrace and StopTrace are as they ever were.

package runtime

import _ "unsafe"

// What follows is appended.

// looptrace is the recording of this process. Nothing changes in it before the first goroutine of the program runs but
// what sema protects.
var looptrace struct {
	on      bool              // syscall asked for the trace
	write   func([]byte) bool // false: it could not be written
	end     func(why, code int)
	sema    uint32 // protects stopped, program
	stopped bool   // the runtime's own tracing is the program's again
	program *looptraceProgram

	header []byte
	gen    uintptr           // that the reader is in
	active *looptraceProgram // gets what is read; owned by the reader
	failed bool
	chosen bool          // the user chose the length of generations
	idle   int           // generations in a row in which nothing could run
	ended  chan struct{} // closed once the trace is complete
	exits  uint32        // semaphore: one ends the process
	note   note
}

// looptraceProgram is the program's own tracing.
type looptraceProgram struct {
	blocks chan []byte   // closed at its end
	taken  chan struct{} // it is done with a block
	lent   bool          // to its reader
	after  uintptr       // it gets the generations after this one, which it came in
	last   uintptr       // up to this one; 0: it has not ended. Protected by sema
}

// Why a trace ends.
const (
	looptraceExited = iota
	looptraceAsleep
	looptraceFailed
)

// looptracePeriod is the ns between generations: what a killed program loses. Each one tells of every goroutine once,
// which takes about 0.2 µs for each: where there are many, generations are longer, so that this stays below 1 %.
const (
	looptracePeriod    = 100_000_000
	looptracePeriodPer = 20_000
	looptracePeriodMax = 2_000_000_000
)

// looptraceBegin starts the trace. It is called once, before any code of the program.
//
//go:linkname looptraceBegin syscall.looptraceBegin
func looptraceBegin(write func([]byte) bool, end func(why, code int)) bool {
	lt := &looptrace
	lt.write, lt.end, lt.sema, lt.exits = write, end, 1, 1
	lt.ended = make(chan struct{})
	lt.chosen = debug.traceadvanceperiod != defaultTraceAdvancePeriod
	looptraceSetPeriod()
	if looptraceStartTrace() != nil {
		return false
	}
	lt.on = true
	go looptraceRead()
	return true
}

// looptraceProcess returns what the process says of itself.
//
//go:linkname looptraceProcess syscall.looptraceProcess
func looptraceProcess() (args []string, root, version string, now int64) {
	return argslice, defaultGOROOT, buildVersion, nanotime()
}

// looptraceSetPeriod adapts the length of generations, unless the user chose it.
func looptraceSetPeriod() {
	if !looptrace.chosen {
		debug.traceadvanceperiod = int32(min(max(looptracePeriod, int64(allglen)*looptracePeriodPer), looptracePeriodMax))
	}
}

// looptraceRead reads the trace to its end. Its name makes it a goroutine of the runtime: it is in no count or list of
// goroutines, and a deadlock is one in spite of it.
func looptraceRead() {
	lt := &looptrace
	for {
		data := looptraceReadTrace()
		if data == nil {
			break
		}
		if gen := trace.readerGen.Load(); gen != lt.gen {
			if lt.header == nil {
				lt.header = append([]byte(nil), data...)
			} else {
				looptraceGeneration(gen)
			}
			lt.gen = gen
		}
		if !lt.failed && !lt.write(data) {
			lt.failed = true
			go looptraceStop(looptraceFailed)
		}
		lt.active.give(data)
	}
	semacquire(&lt.sema)
	lt.program.done()
	lt.active = nil
	semrelease(&lt.sema)
}

// looptraceGeneration is called before the first block of a generation.
func looptraceGeneration(gen uintptr) {
	lt := &looptrace
	semacquire(&lt.sema)
	p := lt.program
	switch {
	case p != nil && lt.active == p && p.last != 0 && gen > p.last:
		lt.active = nil
		p.done()
	case p != nil && lt.active == nil && gen > p.after && (p.last == 0 || gen <= p.last):
		lt.active = p
		semrelease(&lt.sema)
		p.give(lt.header)
		semacquire(&lt.sema)
	}
	semrelease(&lt.sema)
	looptraceSetPeriod()
	if p != nil || !looptraceNothingRuns() {
		lt.idle = 0
	} else if lt.idle++; lt.idle == 3 {
		go looptraceStop(looptraceAsleep)
	}
}

// give hands a block to the program's reader and waits until it is done with it.
func (p *looptraceProgram) give(data []byte) {
	if p != nil {
		p.blocks <- data
		<-p.taken
	}
}

// done tells the program's reader that there is no more.
func (p *looptraceProgram) done() {
	if p != nil {
		close(p.blocks)
	}
}

// looptraceNothingRuns reports whether every goroutine waits for another one. The trace has a timer, because of which the
// runtime does not see that: where it is so, the trace ends, and the runtime ends the program as it would have without it.
func looptraceNothingRuns() bool {
	if iscgo || islibrary || isarchive || gcphase != _GCoff || netpollinited() && netpollAnyWaiters() {
		return false
	}
	me, nothing := getg(), true
	forEachGRace(func(gp *g) {
		switch readgstatus(gp) &^ _Gscan {
		case _Gidle, _Gdead, _Gwaiting:
		default:
			nothing = nothing && (gp == me || looptraceTracing(gp))
		}
	})
	if !nothing {
		return false
	}
	for _, pp := range allp {
		if pp != nil && looptraceTimers(pp, traceAdvancer.timer, trace.cpuSleep) {
			return false
		}
	}
	return true
}

// looptraceTracing reports whether a goroutine is one of the trace: it begins generations, or collects CPU samples.
func looptraceTracing(gp *g) bool {
	f := findfunc(gp.startpc)
	if !f.valid() {
		return false
	}
	name := funcname(f)
	return name == "runtime.(*traceAdvancerState).start.func1" || name == "runtime.traceStartReadCPU.func1"
}

// looptraceStop ends the trace, if it did not yet, and returns once it is complete. After that the program's tracing is the
// runtime's.
func looptraceStop(why int) {
	lt := &looptrace
	semacquire(&lt.sema)
	stopped := lt.stopped
	lt.stopped = true
	semrelease(&lt.sema)
	if stopped {
		<-lt.ended
		return
	}
	if why != looptraceExited {
		lt.end(why, 0) // before the trace ends: after it, the runtime ends a program that is asleep
	}
	looptraceStopTrace()
	close(lt.ended)
}

// looptraceExit completes the trace before the process ends, if that takes no longer than two seconds: the program may
// exit where it holds what its own tracing waits for.
func looptraceExit(code int) { looptraceFinish(true, code) }

// looptracePanic completes the trace before a panic ends the process, where the runtime would only begin another generation.
func looptracePanic() {
	if !looptrace.on {
		traceAdvance(false)
		return
	}
	looptraceFinish(false, 0)
}

func looptraceFinish(exit bool, code int) {
	lt := &looptrace
	if !lt.on {
		return
	}
	semacquire(&lt.exits) // who comes second waits for the first
	if lt.on {
		go func() {
			looptraceStop(looptraceExited)
			if exit {
				lt.end(looptraceExited, code)
			}
			notewakeup(&lt.note)
		}()
		notetsleepg(&lt.note, 2_000_000_000)
		lt.on = false
	}
	semrelease(&lt.exits)
}

// StartTrace enables tracing for the current process.
// While tracing, the data will be buffered and available via [ReadTrace].
// StartTrace returns an error if tracing is already enabled.
func StartTrace() error {
	lt := &looptrace
	if !lt.on {
		return looptraceStartTrace()
	}
	semacquire(&lt.sema)
	if lt.stopped {
		semrelease(&lt.sema)
		return looptraceStartTrace()
	}
	if lt.program != nil {
		semrelease(&lt.sema)
		return errorString("tracing is already enabled")
	}
	lt.program = &looptraceProgram{blocks: make(chan []byte), taken: make(chan struct{}), after: trace.gen.Load()}
	semrelease(&lt.sema)
	traceAdvance(false) // what follows is in a generation that the program gets
	return nil
}

// StopTrace stops tracing, if it was previously enabled.
// StopTrace only returns after all the reads for the trace have completed.
func StopTrace() {
	lt := &looptrace
	if !lt.on {
		looptraceStopTrace()
		return
	}
	semacquire(&lt.sema)
	p, stopped := lt.program, lt.stopped
	if p != nil && !stopped {
		p.last = trace.gen.Load()
	}
	semrelease(&lt.sema)
	switch {
	case stopped:
		looptraceStopTrace()
	case p != nil:
		traceAdvance(false) // the last generation is written
		traceAdvance(false) // and the reader saw that another one began
	}
	semacquire(&lt.sema)
	lt.program = nil
	semrelease(&lt.sema)
}

// ReadTrace returns the next chunk of binary tracing data, blocking until data is available. If tracing is turned off and
// all the data accumulated while it was on has been returned, ReadTrace returns nil. The caller must copy the returned data
// before calling ReadTrace again.
func ReadTrace() []byte {
	lt := &looptrace
	if !lt.on {
		return looptraceReadTrace()
	}
	semacquire(&lt.sema)
	p, stopped := lt.program, lt.stopped
	semrelease(&lt.sema)
	if p == nil {
		if stopped {
			return looptraceReadTrace()
		}
		return nil
	}
	if p.lent {
		p.lent = false
		p.taken <- struct{}{}
	}
	data, ok := <-p.blocks
	p.lent = ok
	return data
}
