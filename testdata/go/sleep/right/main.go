// A poller looks at its context between two looks at the mailbox.
package main

import (
	"context"
	"sync"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var pollers sync.WaitGroup
	pollers.Go(func() { poll(ctx) })
	pollers.Wait()
}

func poll(ctx context.Context) {
	for ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
}
