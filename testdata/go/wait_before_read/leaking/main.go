// Results are read when all workers are done, which they are when their results are read.
package main

import (
	"fmt"
	"sync"
	"time"
)

func collect(workers *sync.WaitGroup, results chan int) {
	workers.Wait() // collector waits
	close(results)
	for n := range results {
		fmt.Println(n)
	}
}

func main() {
	results := make(chan int)
	var workers sync.WaitGroup
	for i := range 2 {
		workers.Add(1)
		go func() { // worker
			defer workers.Done()
			results <- i // worker waits
		}()
	}
	go collect(&workers, results) // collector
	time.Sleep(30 * time.Millisecond)
}
