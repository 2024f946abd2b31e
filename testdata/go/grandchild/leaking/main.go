// A session outlives the connection that opened it, whose goroutine has ended.
package main

import "time"

func main() {
	messages := make(chan string)
	go connect(messages)
	messages <- "hello"
	time.Sleep(30 * time.Millisecond)
}

func connect(messages <-chan string) {
	go session(messages) // creator
}

func session(messages <-chan string) {
	for range messages { // waits
	}
}
