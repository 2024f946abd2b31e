// A service cancels the context of what it has started, and waits for it.
package main

import (
	"context"
	"sync"
)

type service struct {
	cancel context.CancelFunc
	group  sync.WaitGroup
}

func start() *service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &service{cancel: cancel}
	s.group.Go(func() { <-ctx.Done() })
	return s
}

func (s *service) close() {
	s.cancel()
	s.group.Wait()
}

func main() {
	start().close()
}
