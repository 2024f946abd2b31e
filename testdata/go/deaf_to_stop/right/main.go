// A watcher listens for its stop wherever it waits, and the stop waits for it.
package main

import (
	"fmt"
	"time"
)

type watcher struct {
	in, out     chan int
	done, ended chan bool
}

func start() *watcher {
	w := &watcher{in: make(chan int), out: make(chan int), done: make(chan bool), ended: make(chan bool)}
	go w.run()
	return w
}

func (w *watcher) run() {
	defer close(w.ended)
	for {
		select {
		case n := <-w.in:
			select {
			case w.out <- n:
			case <-w.done:
				return
			}
		case <-w.done:
			return
		}
	}
}

func (w *watcher) stop() {
	close(w.done)
	<-w.ended
}

func main() {
	w := start()
	w.in <- 1
	time.Sleep(10 * time.Millisecond)
	w.stop()
	fmt.Println("stopped")
}
