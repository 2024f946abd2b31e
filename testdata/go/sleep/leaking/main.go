// A poller sleeps an hour between two looks at the mailbox, and nothing can end it.
package main

import "time"

func main() {
	go poll() // creator
	time.Sleep(30 * time.Millisecond)
}

func poll() {
	for {
		time.Sleep(time.Hour) // waits
	}
}
