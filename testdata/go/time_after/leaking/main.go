// A watchdog starts a new timer whenever the last one ends: it cannot be stopped.
package main

import "time"

func main() {
	signs := make(chan struct{})
	go watchdog(signs) // creator
	signs <- struct{}{}
	time.Sleep(30 * time.Millisecond)
}

func watchdog(signs <-chan struct{}) {
	for {
		select { // waits
		case <-signs:
		case <-time.After(time.Minute): // and so on, for ever
		}
	}
}
