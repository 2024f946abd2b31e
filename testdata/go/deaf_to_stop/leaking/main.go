// A watcher listens for its stop, but not while it hands on what it saw: stopped then, it stays.
package main

import (
	"fmt"
	"time"
)

type watcher struct {
	in, out chan int
	done    chan bool
}

func start() *watcher {
	w := &watcher{in: make(chan int), out: make(chan int), done: make(chan bool)}
	go w.run() // creator
	return w
}

func (w *watcher) run() {
	for {
		select {
		case n := <-w.in:
			w.out <- n // waits
		case <-w.done:
			return
		}
	}
}

func (w *watcher) stop() { close(w.done) }

func main() {
	w := start()
	w.in <- 1
	time.Sleep(10 * time.Millisecond)
	w.stop()
	time.Sleep(30 * time.Millisecond)
	fmt.Println("stopped")
}
