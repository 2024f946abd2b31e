// Package waits leaves a goroutine behind in each way that Go can block one.
package waits

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestReceive(t *testing.T) {
	jobs := make(chan int)
	go func() { // receive: made
		<-jobs // receive: waits
	}()
}

func TestRange(t *testing.T) {
	jobs := make(chan int)
	go drain(jobs) // range: made
	jobs <- 1
}

func drain(jobs chan int) {
	for range jobs { // range: waits
	}
}

func TestSend(t *testing.T) {
	answers := make(chan int)
	go func() { // send: made
		answers <- 42 // send: waits
	}()
}

func TestSelect(t *testing.T) {
	in, out := make(chan int), make(chan int)
	go func() { // select: made
		select { // select: waits
		case <-in:
		case out <- 1:
		}
	}()
}

func TestEmptySelect(t *testing.T) {
	go func() { // empty: made
		select {} // empty: waits
	}()
}

func TestNilReceive(t *testing.T) {
	var never chan int
	go func() { // nil: made
		<-never // nil: waits
	}()
}

func TestNilSend(t *testing.T) {
	var never chan int
	go func() { // nilsend: made
		never <- 1 // nilsend: waits
	}()
}

func TestSleep(t *testing.T) {
	go func() { // sleep: made
		time.Sleep(time.Hour) // sleep: waits
	}()
}

func TestTicker(t *testing.T) {
	ticker := time.NewTicker(time.Hour)
	go func() { // ticker: made
		for range ticker.C { // ticker: waits
		}
	}()
}

func TestMutex(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	go func() { // mutex: made
		mu.Lock() // mutex: waits
		defer mu.Unlock()
	}()
}

func TestRWMutex(t *testing.T) {
	var mu sync.RWMutex
	mu.Lock()
	go func() { // rwmutex: made
		mu.RLock() // rwmutex: waits
		defer mu.RUnlock()
	}()
}

func TestWaitGroup(t *testing.T) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { // waitgroup: made
		wg.Wait() // waitgroup: waits
	}()
}

func TestCond(t *testing.T) {
	cond := sync.NewCond(&sync.Mutex{})
	go func() { // cond: made
		cond.L.Lock()
		defer cond.L.Unlock()
		cond.Wait() // cond: waits
	}()
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go func() { // context: made
		<-ctx.Done() // context: waits
	}()
}

// The last one leaves the goroutines of the others the time to get where they wait, and nothing behind.
func TestNothing(t *testing.T) {
	done := make(chan struct{})
	go func() {
		time.Sleep(50 * time.Millisecond)
		close(done)
	}()
	<-done
}
