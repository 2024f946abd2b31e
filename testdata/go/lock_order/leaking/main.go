// Two transfers lock the same two accounts, each its own first: both wait for the other one.
package main

import (
	"fmt"
	"sync"
	"time"
)

type account struct {
	sync.Mutex
	balance int
}

func transfer(from, to *account, met *sync.WaitGroup) {
	from.Lock()
	defer from.Unlock()
	met.Done()
	met.Wait()
	to.Lock() // waits
	defer to.Unlock()
	from.balance--
	to.balance++
}

func main() {
	var a, b account
	var met sync.WaitGroup
	met.Add(2)
	go transfer(&a, &b, &met) // one
	go transfer(&b, &a, &met) // other
	time.Sleep(30 * time.Millisecond)
	fmt.Println("done")
}
