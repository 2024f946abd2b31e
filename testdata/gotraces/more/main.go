// Command more has goroutines that are rarer than those of waits, writes the Go execution trace OUT of them, and prints the
// goroutines that there are at the end as the runtime itself lists them.
//
//	more OUT [return|exit|flight]
//
// flight: the trace is what a flight recorder had at the end, of 400 ms.
package main

import (
	"fmt"
	"iter"
	"os"
	"os/signal"
	"runtime"
	"runtime/trace"
	"syscall"
	"time"
)

func calls(fd int) { syscall.Read(fd, make([]byte, 1)) }

func spins(stop *bool) {
	for !*stop {
	}
}

func locked(c chan int) {
	runtime.LockOSThread()
	<-c
}

func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func pulls(c chan int) {
	next, stop := iter.Pull(iter.Seq[int](numbers))
	defer stop()
	next()
	next()
	<-c
}

func pullsAll() {
	next, stop := iter.Pull(iter.Seq[int](func(yield func(int) bool) {
		for i := range 1000 {
			if !yield(i) {
				return
			}
		}
	}))
	defer stop()
	for {
		if _, ok := next(); !ok {
			return
		}
	}
}

func exits() { runtime.Goexit() }

func yields(c chan int) {
	for range 100 {
		runtime.Gosched()
	}
	<-c
}

func main() {
	f, err := os.Create(os.Args[1])
	must(err)
	how := "return"
	if len(os.Args) > 2 {
		how = os.Args[2]
	}
	flight := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 100 * time.Millisecond})
	if how == "flight" {
		must(flight.Start())
	} else {
		must(trace.Start(f))
	}
	c := make(chan int)
	var fds [2]int
	must(syscall.Pipe(fds[:]))
	stop := false
	go calls(fds[0])
	go spins(&stop)
	go locked(c)
	go pulls(c)
	go pullsAll()
	go exits()
	go yields(c)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
	time.AfterFunc(time.Millisecond, func() { <-c })
	time.Sleep(100 * time.Millisecond)
	if how == "flight" {
		time.Sleep(300 * time.Millisecond)
	}
	buf := make([]byte, 64<<10)
	fmt.Printf("%s\n", buf[:runtime.Stack(buf, true)])
	switch how {
	case "exit":
		os.Exit(3)
	case "flight":
		_, err = flight.WriteTo(f)
		must(err)
	default:
		trace.Stop()
	}
	must(f.Close())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
