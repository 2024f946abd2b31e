// Command closes closes a pool whose workers do not all end, and writes the Go execution trace OUT of that. It tells the trace
// of a loop and its tasks as looptrace's recorder does.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/trace"
	"sync"
	"time"
)

type Pool[T any] struct {
	jobs  chan T
	quit  chan bool
	ended sync.WaitGroup
}

func (p *Pool[T]) work() {
	defer p.ended.Done()
	for {
		select {
		case <-p.jobs:
		case <-p.quit:
			return
		}
	}
}

// stuck waits for something else than its end.
func (p *Pool[T]) stuck() { <-p.jobs }

func (p *Pool[T]) Close() {
	p.quiet()
	close(p.quit)
	p.ended.Wait()
}

// quiet leaves nothing in a trace.
//
//go:noinline
func (p *Pool[T]) quiet() { p.ended.Add(0) }

func closeTwice() {
	for range 2 {
		p := &Pool[int]{jobs: make(chan int), quit: make(chan bool)}
		p.ended.Add(2)
		go p.work()
		go p.work()
		go p.stuck()
		time.Sleep(30 * time.Millisecond)
		p.Close()
		time.Sleep(20 * time.Millisecond)
	}
}

func mirror() {
	ctx := context.Background()
	log := func(ctx context.Context, format string, args ...any) {
		trace.Log(ctx, "looptrace", fmt.Sprintf(format, args...))
	}
	log(ctx, "loop 1 open mailer")
	log(ctx, "loop 1 run")
	for i, end := range []string{"returned", "raised", ""} {
		ctx, task := trace.NewTask(ctx, fmt.Sprintf("mail-%d", i+1))
		log(ctx, "task %d loop 1", i+1)
		if end != "" {
			log(ctx, "task %d done %s", i+1, end)
			task.End()
			continue
		}
		go trace.WithRegion(ctx, "task", func() { select {} })
	}
	time.Sleep(time.Millisecond)
	log(ctx, "loop 1 stop")
	log(ctx, "loop 1 close")
	log(ctx, "loop 1 closed")
}

func main() {
	f, err := os.Create(os.Args[1])
	if err != nil {
		panic(err)
	}
	if err := trace.Start(f); err != nil {
		panic(err)
	}
	closeTwice()
	mirror()
	trace.Stop()
	if err := f.Close(); err != nil {
		panic(err)
	}
}
