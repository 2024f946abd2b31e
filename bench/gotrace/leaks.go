package main

import (
	"net"
	"runtime"
	"sync"
	"time"
)

// remains is how many goroutines of one function stay behind.
type remains struct {
	function string
	count    int
}

// leaveBefore leaves goroutines that are older than the trace.
func leaveBefore() []remains {
	for range 3 {
		go oldListener(make(chan int))
	}
	settle()
	return []remains{{"main.oldListener", 3}}
}

// leave leaves goroutines behind in every kind of wait, some through a goroutine that has ended.
func leave() []remains {
	for range 5 {
		go lostReceiver(make(chan int))
	}
	go lostSender(make(chan int))
	go lostSelect(make(chan int), make(chan int))
	go lostForever()
	var mu sync.Mutex
	mu.Lock()
	go lostLock(&mu)
	var wg sync.WaitGroup
	wg.Add(1)
	go lostWait(&wg)
	c := sync.NewCond(&sync.Mutex{})
	go lostCond(c)
	go lostSleep()
	near, _ := net.Pipe()
	go lostPipe(near)
	done := make(chan struct{})
	go middleman(done)
	<-done
	settle()
	return []remains{
		{"main.lostReceiver", 5},
		{"main.lostSender", 1},
		{"main.lostSelect", 1},
		{"main.lostForever", 1},
		{"main.lostLock", 1},
		{"main.lostWait", 1},
		{"main.lostCond", 1},
		{"main.lostSleep", 1},
		{"main.lostPipe", 1},
		{"main.grandchild", 2},
	}
}

func oldListener(c chan int)  { <-c }
func lostReceiver(c chan int) { <-c }
func lostSender(c chan int)   { c <- 1 }
func lostForever()            { select {} }
func lostSleep()              { time.Sleep(time.Hour) }

func lostSelect(a, b chan int) {
	select {
	case <-a:
	case b <- 1:
	}
}

func lostLock(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

func lostWait(wg *sync.WaitGroup) { wg.Wait() }

func lostCond(c *sync.Cond) {
	c.L.Lock()
	defer c.L.Unlock()
	c.Wait()
}

func lostPipe(conn net.Conn) {
	buf := make([]byte, 1)
	_, _ = conn.Read(buf)
}

func middleman(done chan struct{}) {
	for range 2 {
		go grandchild(make(chan int))
	}
	close(done)
}

func grandchild(c chan int) { <-c }

// park parks n goroutines.
func park(n int) {
	for range n {
		go parked(make(chan int))
	}
}

func parked(c chan int) { <-c }

// settle lets goroutines that were just started come to their wait.
func settle() {
	for range 50 {
		runtime.Gosched()
	}
	time.Sleep(5 * time.Millisecond)
}
