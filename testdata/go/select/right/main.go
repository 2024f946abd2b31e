// A watcher leaves its select when it is told to stop.
package main

import (
	"fmt"
	"sync"
)

func main() {
	changes, stop := make(chan string), make(chan struct{})
	var watchers sync.WaitGroup
	watchers.Go(func() { watch(changes, stop) })
	changes <- "a file"
	close(stop)
	watchers.Wait()
}

func watch(changes <-chan string, stop <-chan struct{}) {
	for {
		select {
		case c := <-changes:
			fmt.Println("changed:", c)
		case <-stop:
			return
		}
	}
}
