// The loop of a mail program is closed while a reminder waits for its time, and with a callback in its queue that will
// never run: the message is never delivered.
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
	loop.After(ctx, time.Hour, "remind", func(context.Context) { fmt.Println("reminded") }) // remind
	_ = loop.Call(ctx, "fetch", func(ctx context.Context) {
		fmt.Println("fetched")
		_ = loop.Call(ctx, "deliver", func(context.Context) { fmt.Println("delivered") }) // deliver
		loop.Stop()
	})
	loop.Run()
	if err := loop.Close(); err != nil { // close
		fmt.Println(err)
	}
}
