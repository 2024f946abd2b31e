// The loop of a mail program is stopped when its work is done, and the reminder that is not needed any more is cancelled.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/looptrace/looptrace/examples/go/eventloop"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()
	loop := eventloop.New(rec.Loop("mail"))

	ctx := context.Background()
	reminder := loop.After(ctx, time.Hour, "remind", func(context.Context) { fmt.Println("reminded") })
	_ = loop.Call(ctx, "fetch", func(ctx context.Context) {
		fmt.Println("fetched")
		loop.After(ctx, 5*time.Millisecond, "deliver", func(context.Context) {
			fmt.Println("delivered")
			reminder.Stop()
			loop.Stop()
		})
	})
	loop.Run()
	if err := loop.Close(); err != nil {
		fmt.Println(err)
	}
}
