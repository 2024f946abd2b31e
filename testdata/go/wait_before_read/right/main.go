// Results are read while somebody else waits for the workers.
package main

import (
	"fmt"
	"sync"
)

func main() {
	results := make(chan int)
	var workers sync.WaitGroup
	for i := range 2 {
		workers.Go(func() { results <- i })
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	sum := 0
	for n := range results {
		sum += n
	}
	fmt.Println(sum)
}
