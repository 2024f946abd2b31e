// A forwarder is started before its channel is made: it waits on the nil channel for ever.
package main

import (
	"fmt"
	"time"
)

type relay struct{ in chan string }

func main() {
	r := &relay{}
	go r.forward(r.in) // creator
	time.Sleep(10 * time.Millisecond)
	r.in = make(chan string, 1)
	r.in <- "hello"
	time.Sleep(30 * time.Millisecond)
}

func (r *relay) forward(in <-chan string) {
	fmt.Println(<-in) // waits
}
