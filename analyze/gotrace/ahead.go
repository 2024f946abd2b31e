package gotrace

import (
	"golang.org/x/exp/trace"
)

// chunk is what the reader hands over at once.
type chunk struct {
	events []trace.Event
	ended  []trace.TaskID // the user tasks that the events of kind TaskEnd are about, in their order
	err    error          // after the events
}

const (
	chunkEvents = 512
	chunks      = 8 // on their way: what the reader can be ahead
)

// ahead reads the events of a trace on a goroutine of its own, ahead of who takes them: putting them in order costs about as
// much as everything that is done with them.
type ahead struct {
	full, free chan *chunk
	stop       chan struct{}
	behind     error // as in reader
	cur        *chunk
	next       int // of cur.events
	ended      int // of cur.ended
}

func readAhead(r *reader) *ahead {
	a := &ahead{full: make(chan *chunk, chunks), free: make(chan *chunk, chunks), stop: make(chan struct{}), cur: new(chunk), behind: r.behind}
	for range chunks {
		a.free <- &chunk{events: make([]trace.Event, 0, chunkEvents)}
	}
	go a.fill(r)
	return a
}

// fill reads until the end, an error, or close.
func (a *ahead) fill(r *reader) {
	for {
		var c *chunk
		select {
		case c = <-a.free:
		case <-a.stop:
			return
		}
		c.fill(r)
		a.full <- c // there is room for all
		if c.err != nil {
			return
		}
	}
}

// fill reads a chunk. The user task of an event is asked for here: the reader goes on writing to what is behind it.
func (c *chunk) fill(r *reader) {
	c.events, c.ended = c.events[:0], c.ended[:0]
	defer r.rescue(&c.err)
	for len(c.events) < chunkEvents {
		ev, err := r.next()
		if err != nil {
			c.err = err
			return
		}
		c.events = append(c.events, *ev)
		if ev.Kind() == trace.EventTaskEnd {
			c.ended = append(c.ended, ev.Task().ID)
		}
	}
}

// event returns the next event, which is valid until the following call, and the user task that ends with it.
func (a *ahead) event() (ev *trace.Event, ended trace.TaskID, err error) {
	for a.next >= len(a.cur.events) {
		if a.cur.err != nil {
			return nil, trace.NoTask, a.cur.err
		}
		if a.cur.events != nil {
			a.free <- a.cur
		}
		a.cur, a.next, a.ended = <-a.full, 0, 0
	}
	ev = &a.cur.events[a.next]
	a.next++
	ended = trace.NoTask
	if ev.Kind() == trace.EventTaskEnd {
		ended = a.cur.ended[a.ended]
		a.ended++
	}
	return ev, ended, nil
}

// close ends the reading, if it goes on.
func (a *ahead) close() { close(a.stop) }
