// A queue wakes one of two that wait for it when it is closed.
package main

import (
	"fmt"
	"sync"
	"time"
)

type queue struct {
	sync.Mutex
	changed *sync.Cond
	closed  bool
}

func (q *queue) take() {
	q.Lock()
	defer q.Unlock()
	for !q.closed {
		q.changed.Wait() // waits
	}
}

func (q *queue) close() {
	q.Lock()
	defer q.Unlock()
	q.closed = true
	q.changed.Signal()
}

func main() {
	q := &queue{}
	q.changed = sync.NewCond(q)
	for range 2 {
		go q.take() // creator
	}
	time.Sleep(20 * time.Millisecond)
	q.close()
	time.Sleep(30 * time.Millisecond)
	fmt.Println("closed")
}
