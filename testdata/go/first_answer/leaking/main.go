// Three mirrors are asked and the first answer is taken: the other two can never hand in theirs.
package main

import (
	"fmt"
	"time"
)

func ask(mirror string) string { return "from " + mirror }

func fetch(mirrors ...string) string {
	answers := make(chan string)
	for _, m := range mirrors {
		go func() { // creator
			answers <- ask(m) // waits
		}()
	}
	return <-answers
}

func main() {
	fmt.Println(len(fetch("a", "b", "c")))
	time.Sleep(30 * time.Millisecond)
}
