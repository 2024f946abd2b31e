// An upload that fails does not give its place back: the next ones wait for one.
package main

import (
	"errors"
	"fmt"
	"time"
)

var places = make(chan struct{}, 1)

func upload(name string) error {
	places <- struct{}{} // waits
	if name == "" {
		return errors.New("no name")
	}
	<-places
	return nil
}

func main() {
	fmt.Println(upload(""))
	for _, name := range []string{"a", "b"} {
		go upload(name) // creator
	}
	time.Sleep(30 * time.Millisecond)
}
