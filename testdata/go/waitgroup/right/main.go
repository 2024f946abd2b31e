// Done is called for all that was added.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var failed atomic.Int32
	var uploads sync.WaitGroup
	for _, name := range []string{"a", "", "c"} {
		uploads.Add(1)
		go func() {
			defer uploads.Done()
			if !upload(name) {
				failed.Add(1)
			}
		}()
	}
	uploads.Wait()
	fmt.Println("done,", failed.Load(), "failed")
}

func upload(name string) bool { return name != "" }
