// Command waits has a goroutine for each kind of wait, writes the Go execution trace OUT of them, and prints the goroutines
// that there are at the end as the runtime itself lists them.
//
//	waits OUT [late] [more=N] [end=return|panic]
//
// late: the trace begins when all goroutines wait already. more: as many goroutines again that wait for a channel.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"regexp"
	"runtime"
	"runtime/trace"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	never  chan int
	mu     sync.Mutex
	rw     sync.RWMutex
	once   sync.Once
	first  = make(chan int) // closed: once is being done
	wg     sync.WaitGroup
	cond   = sync.NewCond(new(sync.Mutex))
	ready  sync.WaitGroup
	writer *os.File // open, so that who reads waits
)

func receives(c chan int) {
	ready.Done()
	<-c
}

func sends(c chan int) {
	ready.Done()
	c <- 1
}

func ranges(c chan int) {
	ready.Done()
	for range c {
	}
}

func selects(c, d chan int) {
	ready.Done()
	select {
	case <-c:
	case d <- 1:
	}
}

func selectsNothing() {
	ready.Done()
	select {}
}

func receivesNil() {
	ready.Done()
	<-never
}

func sleeps() {
	ready.Done()
	time.Sleep(time.Hour)
}

func locks() {
	ready.Done()
	mu.Lock()
}

func readLocks() {
	ready.Done()
	rw.RLock()
}

func writeLocks() {
	ready.Done()
	rw.Lock()
}

func waitsForGroup() {
	ready.Done()
	wg.Wait()
}

func firstInOnce() {
	ready.Done()
	once.Do(func() {
		close(first)
		select {}
	})
}

func secondInOnce() {
	ready.Done()
	<-first
	once.Do(func() {})
}

func waitsForCond() {
	cond.L.Lock()
	ready.Done()
	cond.Wait()
}

func accepts(l net.Listener) {
	ready.Done()
	l.Accept()
}

func reads(f *os.File) {
	ready.Done()
	f.Read(make([]byte, 1))
}

func start(more int) {
	mu.Lock()
	rw.Lock()
	wg.Add(1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	r, w, err := os.Pipe()
	must(err)
	writer = w
	ready.Add(16 + more)
	go receives(make(chan int))
	go sends(make(chan int))
	go ranges(make(chan int))
	go selects(make(chan int), make(chan int))
	go selectsNothing()
	go receivesNil()
	go sleeps()
	go locks()
	go readLocks()
	go writeLocks()
	go waitsForGroup()
	go firstInOnce()
	go secondInOnce()
	go waitsForCond()
	go accepts(l)
	go reads(r)
	for range make([]struct{}, more) {
		go receives(make(chan int))
	}
	ready.Wait()
	for range 1000 {
		time.Sleep(10 * time.Millisecond)
		if !busy.Match(list(more)) {
			return
		}
	}
	panic("they do not wait")
}

// busy finds goroutines that do not wait yet, in a list without the one that asks.
var busy = regexp.MustCompile(`(?m)^goroutine \d+ \[(running|runnable|syscall)`)

// list returns how the runtime lists all goroutines but the one that asks, which is the first.
func list(more int) []byte {
	_, others, _ := bytes.Cut(dump(more), []byte("\n\n"))
	return others
}

func dump(more int) []byte {
	buf := make([]byte, 64<<10+more<<10)
	return buf[:runtime.Stack(buf, true)]
}

func main() {
	late, more, end := false, 0, ""
	for _, arg := range os.Args[2:] {
		key, value, _ := strings.Cut(arg, "=")
		switch key {
		case "late":
			late = true
		case "more":
			more, _ = strconv.Atoi(value)
		case "end":
			end = value
		}
	}
	if late {
		start(more)
	}
	f, err := os.Create(os.Args[1])
	must(err)
	must(trace.Start(f))
	if !late {
		start(more)
	}
	fmt.Printf("%s\n", dump(more))
	if end == "panic" {
		panic("the end")
	}
	trace.Stop()
	must(f.Close())
	runtime.KeepAlive(writer)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
