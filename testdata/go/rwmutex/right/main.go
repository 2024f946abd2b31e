// Readers of a cache unlock it, and the writer gets its turn.
package main

import (
	"fmt"
	"sync"
)

type cache struct {
	mu    sync.RWMutex
	items map[string]int
}

func (c *cache) get(key string) (int, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	n, ok := c.items[key]
	return n, ok
}

func (c *cache) set(key string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.items[key] = n
}

func main() {
	c := &cache{items: map[string]int{}}
	fmt.Println(c.get("a"))
	var writers sync.WaitGroup
	writers.Go(func() { c.set("a", 1) })
	writers.Wait()
}
