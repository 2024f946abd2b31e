// Three requests belong together. One fails, and the context of the group ends the others.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/looptrace/looptrace/examples/go/group"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	g, ctx := group.WithContext(context.Background(), rec.Loop("page"))
	defer g.Close()
	prices := make(chan int)
	g.Go("user", func() error { return nil })
	g.Go("orders", func() error { return errors.New("no orders") })
	g.Go("prices", func() error {
		select {
		case prices <- 42:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	fmt.Println(g.Wait())
}
