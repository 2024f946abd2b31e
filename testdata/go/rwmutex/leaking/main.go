// A reader of a cache does not unlock it when the key is missing: the writer waits for ever, and so does the next
// reader.
package main

import (
	"fmt"
	"sync"
	"time"
)

type cache struct {
	mu    sync.RWMutex
	items map[string]int
}

func (c *cache) get(key string) (int, bool) {
	c.mu.RLock() // reader waits
	n, ok := c.items[key]
	if !ok {
		return 0, false
	}
	c.mu.RUnlock()
	return n, true
}

func (c *cache) set(key string, n int) {
	c.mu.Lock() // writer waits
	c.items[key] = n
	c.mu.Unlock()
}

func main() {
	c := &cache{items: map[string]int{}}
	fmt.Println(c.get("a"))
	go c.set("a", 1) // writer
	time.Sleep(20 * time.Millisecond)
	go c.get("a") // reader
	time.Sleep(30 * time.Millisecond)
}
