// An account is unlocked on every path.
package main

import (
	"fmt"
	"sync"
)

type account struct {
	mu      sync.Mutex
	balance int
}

func (a *account) withdraw(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balance < n {
		return false
	}
	a.balance -= n
	return true
}

func main() {
	a := &account{balance: 10}
	fmt.Println(a.withdraw(20))
	var clerks sync.WaitGroup
	clerks.Go(func() { a.withdraw(5) })
	clerks.Wait()
}
