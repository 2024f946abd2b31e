// A pool of workers that is closed while they wait for jobs: nobody closes the channel.
package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

type pool struct {
	loop *recorder.Loop // nil unless the program is recorded
	jobs chan string
	busy sync.WaitGroup
}

func newPool(workers int) *pool {
	p := &pool{loop: recorder.FromEnv().Loop("pool"), jobs: make(chan string)}
	for range workers {
		p.loop.Go(context.Background(), "worker", p.work)
	}
	return p
}

func (p *pool) work(context.Context) {
	for job := range p.jobs {
		time.Sleep(10 * time.Millisecond)
		fmt.Println("done:", job)
		p.busy.Done()
	}
}

func (p *pool) close() {
	p.loop.Close()
}

func main() {
	p := newPool(3)
	for _, job := range []string{"news", "mail", "logs", "keys"} {
		p.busy.Add(1)
		p.jobs <- job
	}
	p.busy.Wait()
	p.close()
}
