// A consumer that gives up tells its producers.
package main

import (
	"fmt"
	"sync"
)

func main() {
	lines, done := make(chan string), make(chan struct{})
	var producers sync.WaitGroup
	for _, file := range []string{"a", "b", "c"} {
		producers.Go(func() { produce(file, lines, done) })
	}
	fmt.Println(consume(lines) != "")
	close(done)
	producers.Wait()
}

func produce(file string, lines chan<- string, done <-chan struct{}) {
	for {
		select {
		case lines <- file:
		case <-done:
			return
		}
	}
}

func consume(lines <-chan string) string { return <-lines }
