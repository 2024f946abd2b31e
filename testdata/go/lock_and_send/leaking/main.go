// A hub sends to its listeners while it holds its lock, and the listener that has gone away needs that lock to say so.
package main

import (
	"fmt"
	"sync"
	"time"
)

type hub struct {
	mu        sync.Mutex
	listeners map[chan int]bool
}

func (h *hub) publish(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.listeners {
		l <- n // hub waits
	}
}

func (h *hub) remove(l chan int) {
	h.mu.Lock() // listener waits
	defer h.mu.Unlock()
	delete(h.listeners, l)
}

func main() {
	l := make(chan int)
	h := &hub{listeners: map[chan int]bool{l: true}}
	go h.publish(1) // hub
	time.Sleep(15 * time.Millisecond)
	go h.remove(l) // listener
	time.Sleep(30 * time.Millisecond)
	fmt.Println("done")
}
