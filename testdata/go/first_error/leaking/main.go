// The first error ends the reading of results: the workers can hand in no more, and what feeds them is stuck behind them.
package main

import (
	"errors"
	"fmt"
	"time"
)

func feed(jobs chan<- int) {
	for i := range 10 {
		jobs <- i // feeder waits
	}
	close(jobs)
}

func work(jobs <-chan int, results chan<- error) {
	for range jobs {
		results <- errors.New("failed") // worker waits
	}
}

func run() error {
	jobs, results := make(chan int), make(chan error)
	go feed(jobs) // feeder
	for range 2 {
		go work(jobs, results) // worker
	}
	for err := range results {
		if err != nil {
			return err
		}
	}
	return nil
}

func main() {
	fmt.Println(run())
	time.Sleep(30 * time.Millisecond)
}
