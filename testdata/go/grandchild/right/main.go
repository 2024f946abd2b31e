// A session ends with the connection that opened it.
package main

import "sync"

func main() {
	messages := make(chan string)
	var sessions sync.WaitGroup
	sessions.Go(func() { connect(messages, &sessions) })
	messages <- "hello"
	close(messages)
	sessions.Wait()
}

func connect(messages <-chan string, sessions *sync.WaitGroup) {
	sessions.Go(func() { session(messages) })
}

func session(messages <-chan string) {
	for range messages {
	}
}
