// Done is not called for an upload that fails: whoever waits for all of them waits for ever.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var uploads sync.WaitGroup
	for _, name := range []string{"a", "", "c"} {
		uploads.Add(1)
		go func() {
			if upload(name) {
				uploads.Done()
			}
		}()
	}
	go report(&uploads) // creator
	time.Sleep(30 * time.Millisecond)
}

func report(uploads *sync.WaitGroup) {
	uploads.Wait() // waits
	fmt.Println("done")
}

func upload(name string) bool { return name != "" }
