// A hub sends to its listeners without its lock, and not to those that have gone away.
package main

import (
	"fmt"
	"sync"
	"time"
)

type listener struct {
	in   chan int
	gone chan bool
}

type hub struct {
	mu        sync.Mutex
	listeners []*listener
}

func (h *hub) publish(n int) {
	h.mu.Lock()
	listeners := h.listeners
	h.mu.Unlock()
	for _, l := range listeners {
		select {
		case l.in <- n:
		case <-l.gone:
		}
	}
}

func (h *hub) remove(l *listener) {
	close(l.gone)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners = nil
}

func main() {
	l := &listener{make(chan int), make(chan bool)}
	h := &hub{listeners: []*listener{l}}
	var both sync.WaitGroup
	both.Go(func() { h.publish(1) })
	time.Sleep(15 * time.Millisecond)
	both.Go(func() { h.remove(l) })
	both.Wait()
	fmt.Println("done")
}
