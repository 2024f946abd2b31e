// A query that comes too late sends its result to nobody.
package main

import (
	"errors"
	"fmt"
	"time"
)

func main() {
	_, err := query(10 * time.Millisecond)
	fmt.Println(err)
	time.Sleep(60 * time.Millisecond)
}

func query(timeout time.Duration) (string, error) {
	result := make(chan string)
	go func() { // creator
		time.Sleep(30 * time.Millisecond)
		result <- "rows" // waits
	}()
	select {
	case rows := <-result:
		return rows, nil
	case <-time.After(timeout):
		return "", errors.New("too late")
	}
}
