package main

import (
	"context"
	"io"
	"net"
	"os"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

// work is what runs until it is told to stop. All of its goroutines have ended then.
type work struct {
	stop chan struct{}
	wg   sync.WaitGroup
	sink atomic.Int64 // so that the work has a result
	late atomic.Int64 // goroutines that were left behind on the way
}

func startWork() *work {
	w := &work{stop: make(chan struct{})}
	for range 2 {
		w.run(w.pool)
		w.run(w.pingPong)
		w.run(w.spawner)
		w.run(w.contended)
	}
	w.run(w.timers)
	w.run(w.server)
	w.run(w.files)
	w.run(w.userTasks)
	return w
}

func (w *work) run(f func()) { w.wg.Go(f) }

// until stops the work when enough says so.
func (w *work) until(enough func(time.Duration) bool) {
	for begun := time.Now(); !enough(time.Since(begun)); {
		time.Sleep(2 * time.Millisecond)
	}
	close(w.stop)
	w.wg.Wait()
}

func (w *work) stopped() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// pool hands jobs to eight workers.
func (w *work) pool() {
	jobs, results := make(chan int), make(chan int, 8)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for j := range jobs {
				results <- burn(j)
			}
		})
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	go func() {
		defer close(jobs)
		for i := 0; !w.stopped(); i++ {
			jobs <- i
		}
	}()
	for range results {
	}
}

func burn(n int) int {
	for i := range 200 {
		n = n*31 + i
	}
	return n
}

// pingPong passes a ball between two goroutines.
func (w *work) pingPong() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		defer close(pong)
		for b := range ping {
			pong <- b + 1
		}
	}()
	for i := 0; !w.stopped(); i++ {
		ping <- i
		<-pong
	}
	close(ping)
	<-pong
}

// spawner starts goroutines that end at once, in two generations, and leaves one behind now and then.
func (w *work) spawner() {
	for n := 0; !w.stopped(); n++ {
		if n%200 == 0 {
			w.late.Add(1)
			go lateReceiver(make(chan int))
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				child := make(chan int)
				go func() { child <- burn(i) }()
				<-child
			})
		}
		wg.Wait()
	}
}

func lateReceiver(c chan int) { <-c }

// contended lets four goroutines want one mutex.
func (w *work) contended() {
	var mu sync.Mutex
	var wg sync.WaitGroup
	total := 0
	for range 4 {
		wg.Go(func() {
			for !w.stopped() {
				mu.Lock()
				total += burn(total)
				mu.Unlock()
				time.Sleep(50 * time.Microsecond)
			}
		})
	}
	wg.Wait()
}

func (w *work) timers() {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-w.stop:
			return
		}
	}
}

// server answers requests over loopback connections, each on a goroutine of its own.
func (w *work) server() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		<-w.stop
		return
	}
	var handlers sync.WaitGroup
	handlers.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			handlers.Go(func() { echo(conn) })
		}
	})
	for !w.stopped() {
		request(l.Addr().String())
	}
	l.Close()
	handlers.Wait()
}

func echo(conn net.Conn) {
	defer conn.Close()
	_, _ = io.Copy(conn, conn)
}

func request(addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	buf := make([]byte, 64)
	for range 20 {
		if _, err := conn.Write(buf); err != nil {
			return
		}
		if _, err := io.ReadFull(conn, buf); err != nil {
			return
		}
	}
}

// files makes system calls.
func (w *work) files() {
	for !w.stopped() {
		if f, err := os.Open(os.DevNull); err == nil {
			_, _ = f.Read(make([]byte, 8))
			f.Close()
		}
		time.Sleep(20 * time.Microsecond)
	}
}

func (w *work) userTasks() {
	for !w.stopped() {
		ctx, task := trace.NewTask(context.Background(), "request")
		trace.WithRegion(ctx, "parse", func() { w.sink.Add(int64(burn(1))) })
		trace.Log(ctx, "size", "64")
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer trace.StartRegion(ctx, "query").End()
			w.sink.Add(int64(burn(2)))
		}()
		<-done
		task.End()
	}
}
