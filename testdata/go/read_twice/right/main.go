// A reader of a table locks it once; what it calls expects that.
package main

import (
	"fmt"
	"sync"
)

type table struct {
	mu   sync.RWMutex
	rows []int
}

// len needs the lock.
func (t *table) len() int { return len(t.rows) }

func (t *table) last() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.rows[t.len()-1]
}

func (t *table) add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, n)
}

func main() {
	t := &table{rows: []int{1}}
	var users sync.WaitGroup
	for i := range 20 {
		users.Go(func() { t.last() })
		users.Go(func() { t.add(i) })
	}
	users.Wait()
	fmt.Println(len(t.rows))
}
