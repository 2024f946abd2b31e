// A generator stops when its reader has enough.
package main

import (
	"context"
	"fmt"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	numbers := generate(ctx)
	fmt.Println(<-numbers, <-numbers)
	cancel()
	for range numbers { // until it is closed
	}
}

func generate(ctx context.Context) <-chan int {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for n := 0; ; n++ {
			select {
			case numbers <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	return numbers
}
