// A worker ranges over a channel that is closed when there are no more jobs.
package main

import (
	"fmt"
	"sync"
)

func main() {
	jobs := make(chan int)
	var workers sync.WaitGroup
	workers.Go(func() { work(jobs) })
	jobs <- 1
	close(jobs)
	workers.Wait()
}

func work(jobs <-chan int) {
	for job := range jobs {
		fmt.Println("job", job)
	}
}
