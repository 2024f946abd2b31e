// An early return forgets to unlock an account: the next withdrawal waits for ever.
package main

import (
	"fmt"
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

func (a *account) withdraw(n int) bool {
	a.mu.Lock() // waits
	if a.balance < n {
		return false
	}
	a.balance -= n
	a.mu.Unlock()
	return true
}

func main() {
	a := &account{balance: 10}
	fmt.Println(a.withdraw(20))
	go a.withdraw(5) // creator
	time.Sleep(30 * time.Millisecond)
}
