// A queue tells all that wait for it that it is closed.
package main

import (
	"fmt"
	"sync"
)

type queue struct {
	sync.Mutex
	changed *sync.Cond
	items   []int
	closed  bool
}

func (q *queue) take() (int, bool) {
	q.Lock()
	defer q.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.changed.Wait()
	}
	if len(q.items) == 0 {
		return 0, false
	}
	n := q.items[0]
	q.items = q.items[1:]
	return n, true
}

func (q *queue) close() {
	q.Lock()
	defer q.Unlock()
	q.closed = true
	q.changed.Broadcast()
}

func main() {
	q := &queue{}
	q.changed = sync.NewCond(q)
	var takers sync.WaitGroup
	for range 3 {
		takers.Go(func() { q.take() })
	}
	q.close()
	takers.Wait()
	fmt.Println("closed")
}
