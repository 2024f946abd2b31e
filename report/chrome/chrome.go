// Package chrome writes the timeline of a run as JSON in Chrome's trace event format, which Perfetto, chrome://tracing,
// speedscope and others read.
//
// What a loop ran are complete events (X) on a thread that stands for the loop. Each task is an asynchronous event (b, e) with
// the task's number for id; what it waited for is inside. A task that did not end has no e. Flows (s, f) lead from the step in
// which a task spawned, cancelled or woke another one to the step that followed.
package chrome

import (
	"bufio"
	"io"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/internal/spans"
)

// Render writes the events, one a line, not ordered by time: readers sort them. Times are µs since the run's start, exact to
// the ns. Errors are those of w.
func Render(w io.Writer, res *analyze.Result) error {
	t := &trace{out: bufio.NewWriterSize(w, 1<<16), run: res.Run, layout: spans.New(res.Run), pids: pids(res.Run)}
	t.raw(`{"displayTimeUnit":"ns","otherData":{"recorded by":`)
	t.raw(string(safejson.AppendString(nil, "looptrace "+res.Tool)))
	if tl := res.Run.Timeline; tl != nil && tl.Dropped > 0 {
		t.raw(`,"steps dropped":` + strconv.Itoa(tl.Dropped))
	}
	t.raw("},\n\"traceEvents\":[")
	t.metadata()
	t.steps()
	for _, task := range res.Run.Tasks {
		if t.err != nil {
			break
		}
		t.task(task)
	}
	t.arrows()
	t.marks(res.Findings)
	t.raw("\n]}\n")
	if t.err != nil {
		return t.err
	}
	return t.out.Flush()
}

type trace struct {
	out    *bufio.Writer
	err    error
	run    *analyze.Run
	layout *spans.Layout
	pids   map[*analyze.Process]int
	begun  bool
	buf    []byte // of the event that is being made
	args   int    // that it has so far
}

// pids returns numbers for the processes: their own, and others where one is there twice, as after an exec.
func pids(run *analyze.Run) map[*analyze.Process]int {
	numbers, taken := map[*analyze.Process]int{}, map[int]bool{}
	for _, p := range run.Processes {
		n := p.PID
		for taken[n] {
			n += 1 << 22 // the kernel gives smaller ones
		}
		numbers[p], taken[n] = n, true
	}
	return numbers
}

func (t *trace) raw(s string) {
	if t.err == nil {
		_, t.err = t.out.WriteString(s)
	}
}

// start begins an event of a lane; what it gets is added until send. A lane of 0 stands for the process.
func (t *trace) start(phase string, p *analyze.Process, lane int, category, name string) {
	b := append(t.buf[:0], ",\n{\"ph\":\""...)
	if !t.begun {
		b, t.begun = b[1:], true
	}
	b = append(append(b, phase...), `","pid":`...)
	b = strconv.AppendInt(b, int64(t.pids[p]), 10)
	b = strconv.AppendInt(append(b, `,"tid":`...), int64(lane), 10)
	if category != "" {
		b = append(append(append(b, `,"cat":"`...), category...), '"')
	}
	if name != "" {
		b = safejson.AppendString(append(b, `,"name":`...), name)
	}
	t.buf, t.args = b, 0
}

// time adds a field with a time in µs.
func (t *trace) time(key string, ns int64) {
	b := append(append(append(t.buf, `,"`...), key...), `":`...)
	if ns < 0 {
		b, ns = append(b, '-'), -ns
	}
	b = strconv.AppendInt(b, ns/1000, 10)
	if f := ns % 1000; f != 0 {
		b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
	}
	t.buf = b
}

// field adds a field of which key and value are no text of the trace.
func (t *trace) field(text string) { t.buf = append(append(t.buf, ','), text...) }

func (t *trace) id(n uint64) {
	t.buf = append(strconv.AppendUint(append(t.buf, `,"id":"0x`...), n, 16), '"')
}

func (t *trace) arg(key, value string) {
	if t.args == 0 {
		t.buf = append(t.buf, `,"args":{`...)
	} else {
		t.buf = append(t.buf, ',')
	}
	t.args++
	t.buf = safejson.AppendString(append(safejson.AppendString(t.buf, key), ':'), value)
}

func (t *trace) send() {
	if t.args > 0 {
		t.buf = append(t.buf, '}')
	}
	t.buf = append(t.buf, '}')
	if t.err == nil {
		_, t.err = t.out.Write(t.buf)
	}
}
