// Package initial leaks while it is initialised, before anything is recorded of tests.
package initial

import (
	"testing"
	"time"
)

var events = start()

func start() chan int {
	c := make(chan int)
	go listen(c) // variable: made
	return c
}

func init() {
	go listen(make(chan int)) // init: made
}

func listen(c chan int) {
	for range c { // listen: waits
	}
}

func TestSends(t *testing.T) {
	events <- 1
	time.Sleep(50 * time.Millisecond)
}
