// A forwarder is started after its channel was made.
package main

import "fmt"

type relay struct {
	in   chan string
	done chan struct{}
}

func main() {
	r := &relay{done: make(chan struct{})}
	r.in = make(chan string)
	go r.forward()
	r.in <- "hello"
	close(r.in)
	<-r.done
}

func (r *relay) forward() {
	defer close(r.done)
	for s := range r.in {
		fmt.Println(s)
	}
}
