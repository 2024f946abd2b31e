// Three mirrors are asked and the first answer is taken: the channel has room for the others.
package main

import (
	"fmt"
	"time"
)

func ask(mirror string) string { return "from " + mirror }

func fetch(mirrors ...string) string {
	answers := make(chan string, len(mirrors))
	for _, m := range mirrors {
		go func() {
			answers <- ask(m)
		}()
	}
	return <-answers
}

func main() {
	fmt.Println(len(fetch("a", "b", "c")))
	time.Sleep(30 * time.Millisecond)
}
