// A worker ranges over a channel that nobody closes.
package main

import (
	"fmt"
	"time"
)

func main() {
	jobs := make(chan int)
	go work(jobs) // creator
	jobs <- 1
	time.Sleep(30 * time.Millisecond)
}

func work(jobs <-chan int) {
	for job := range jobs { // waits
		fmt.Println("job", job)
	}
}
