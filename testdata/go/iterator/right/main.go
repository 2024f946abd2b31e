// An iterator is read up to what was looked for, and stopped.
package main

import (
	"fmt"
	"iter"
	"time"
)

func numbers(yield func(int) bool) {
	for i := 0; ; i++ {
		if !yield(i) {
			return
		}
	}
}

func above(limit int) int {
	next, stop := iter.Pull(numbers)
	defer stop()
	for {
		if n, _ := next(); n > limit {
			return n
		}
	}
}

func main() {
	fmt.Println(above(3))
	time.Sleep(300 * time.Millisecond)
}
