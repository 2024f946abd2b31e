// A consumer gives up after the first bad line; three producers and what waits for them stay.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	lines := make(chan string)
	var producers sync.WaitGroup
	for _, file := range []string{"a", "b", "c"} {
		producers.Add(1)
		go produce(file, lines, &producers) // producer
	}
	go func() { // closer
		producers.Wait() // closer waits
		close(lines)
	}()
	fmt.Println(consume(lines) != "")
	time.Sleep(30 * time.Millisecond)
}

func produce(file string, lines chan<- string, producers *sync.WaitGroup) {
	defer producers.Done()
	for range 10 {
		lines <- file // producer waits
	}
}

func consume(lines <-chan string) string { return <-lines }
