// Two transfers lock the same two accounts, always in the same order.
package main

import (
	"fmt"
	"sync"
)

type account struct {
	sync.Mutex
	id, balance int
}

func transfer(from, to *account) {
	first, second := from, to
	if second.id < first.id {
		first, second = second, first
	}
	first.Lock()
	defer first.Unlock()
	second.Lock()
	defer second.Unlock()
	from.balance--
	to.balance++
}

func main() {
	a, b := account{id: 1}, account{id: 2}
	var transfers sync.WaitGroup
	for range 50 {
		transfers.Go(func() { transfer(&a, &b) })
		transfers.Go(func() { transfer(&b, &a) })
	}
	transfers.Wait()
	fmt.Println(a.balance, b.balance)
}
