// A watchdog is told when there is nothing to watch any more.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	signs, done := make(chan struct{}), make(chan struct{})
	var dogs sync.WaitGroup
	dogs.Go(func() { watchdog(signs, done) })
	signs <- struct{}{}
	close(done)
	dogs.Wait()
}

func watchdog(signs, done <-chan struct{}) {
	for {
		select {
		case <-signs:
		case <-done:
			return
		case <-time.After(time.Minute):
			fmt.Println("no sign of life")
		}
	}
}
