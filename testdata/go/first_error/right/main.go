// The first error tells the feeder and the workers to end, and they are waited for.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

func feed(ctx context.Context, jobs chan<- int) {
	defer close(jobs)
	for i := range 10 {
		select {
		case jobs <- i:
		case <-ctx.Done():
			return
		}
	}
}

func work(ctx context.Context, jobs <-chan int, results chan<- error) {
	for range jobs {
		select {
		case results <- errors.New("failed"):
		case <-ctx.Done():
			return
		}
	}
}

func run() error {
	ctx, cancel := context.WithCancel(context.Background())
	jobs, results := make(chan int), make(chan error)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { feed(ctx, jobs) })
	for range 2 {
		all.Go(func() { work(ctx, jobs, results) })
	}
	return <-results
}

func main() { fmt.Println(run()) }
