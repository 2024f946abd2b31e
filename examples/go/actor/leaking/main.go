// A bank asks its auditor about a transfer, and the auditor asks the bank for the balance: each waits for the other.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/looptrace/looptrace/examples/go/actor"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	ctx := context.Background()
	system := actor.NewSystem(rec.Loop("actors"))
	bank, auditor := system.Spawn("bank"), system.Spawn("auditor") // spawn

	go func() { // customer
		n, _ := bank.Ask(ctx, "transfer", func(ctx context.Context) int { // transfer
			n, _ := auditor.Ask(ctx, "check", func(ctx context.Context) int { // check
				n, _ := bank.Ask(ctx, "balance", func(context.Context) int { return 100 }) // balance
				return n
			})
			return n
		})
		fmt.Println(n)
	}()
	time.Sleep(30 * time.Millisecond)
	deadline, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	fmt.Println(system.Stop(deadline)) // close
}
