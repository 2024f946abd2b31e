// A generator goes on sending to a reader that has had enough.
package main

import (
	"fmt"
	"time"
)

func main() {
	numbers := generate()
	fmt.Println(<-numbers, <-numbers)
	time.Sleep(30 * time.Millisecond)
}

func generate() <-chan int {
	numbers := make(chan int)
	go func() { // creator
		for n := 0; ; n++ {
			numbers <- n // waits
		}
	}()
	return numbers
}
