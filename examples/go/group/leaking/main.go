// Three requests belong together. One fails, and another does not look at the context: Wait never returns. The program
// gives up after a while, as one does at shutdown.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/looptrace/looptrace/examples/go/group"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	g, _ := group.WithContext(context.Background(), rec.Loop("page"))
	prices := make(chan int)
	g.Go("user", func() error { return nil })
	g.Go("orders", func() error { return errors.New("no orders") })
	g.Go("prices", func() error { // prices
		prices <- 42 // blocked
		return nil
	})
	done := make(chan error, 1)
	go func() { // waiter
		done <- g.Wait() // waits
	}()
	select {
	case err := <-done:
		fmt.Println(err)
	case <-time.After(100 * time.Millisecond):
		fmt.Println("gave up")
	}
	g.Close() // close
}
