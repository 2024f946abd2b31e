// Every upload gives its place back, also one that fails.
package main

import (
	"errors"
	"fmt"
	"sync"
)

var places = make(chan struct{}, 1)

func upload(name string) error {
	places <- struct{}{}
	defer func() { <-places }()
	if name == "" {
		return errors.New("no name")
	}
	return nil
}

func main() {
	fmt.Println(upload(""))
	var uploads sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		uploads.Go(func() { _ = upload(name) })
	}
	uploads.Wait()
}
