// A watcher selects between changes and errors, and neither will come again.
package main

import (
	"fmt"
	"time"
)

func main() {
	changes, errs := make(chan string), make(chan error)
	go watch(changes, errs) // creator
	changes <- "a file"
	time.Sleep(30 * time.Millisecond)
}

func watch(changes <-chan string, errs <-chan error) {
	for {
		select { // waits
		case c := <-changes:
			fmt.Println("changed:", c)
		case err := <-errs:
			fmt.Println(err)
			return
		}
	}
}
