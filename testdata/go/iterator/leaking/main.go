// An iterator is read up to what was looked for, and never stopped.
package main

import (
	"fmt"
	"iter"
	"time"
)

func numbers(yield func(int) bool) {
	for i := 0; ; i++ {
		if !yield(i) { // waits
			return
		}
	}
}

func above(limit int) int {
	next, _ := iter.Pull(numbers) // creator
	for {
		if n, _ := next(); n > limit {
			return n
		}
	}
}

func main() {
	fmt.Println(above(3))
	time.Sleep(300 * time.Millisecond) // what a switch leaves is told of when the next part of the trace begins
}
