// A service keeps the cancel function of what it has started, and never calls it.
package main

import (
	"context"
	"time"
)

type service struct {
	cancel context.CancelFunc
	closed bool
}

func start() *service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &service{cancel: cancel}
	go s.run(ctx) // creator
	return s
}

func (s *service) run(ctx context.Context) {
	<-ctx.Done() // waits
}

func (s *service) close() { s.closed = true }

func main() {
	s := start()
	time.Sleep(30 * time.Millisecond)
	s.close()
}
