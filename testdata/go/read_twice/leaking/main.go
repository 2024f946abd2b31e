// A reader of a table calls a method that reads again, and a writer came between: the reader waits behind the writer, which
// waits for the reader.
package main

import (
	"fmt"
	"sync"
	"time"
)

type table struct {
	mu   sync.RWMutex
	rows []int
}

func (t *table) len() int {
	t.mu.RLock() // reader waits
	defer t.mu.RUnlock()
	return len(t.rows)
}

func (t *table) last(pause chan bool) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	<-pause
	return t.rows[t.len()-1]
}

func (t *table) add(n int) {
	t.mu.Lock() // writer waits
	defer t.mu.Unlock()
	t.rows = append(t.rows, n)
}

func main() {
	t := &table{rows: []int{1}}
	pause := make(chan bool)
	go t.last(pause) // reader
	time.Sleep(15 * time.Millisecond)
	go t.add(2) // writer
	time.Sleep(15 * time.Millisecond)
	close(pause)
	time.Sleep(30 * time.Millisecond)
	fmt.Println("done")
}
