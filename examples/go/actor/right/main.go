// A bank asks its auditor about a transfer, and says what the auditor has to know.
package main

import (
	"context"
	"fmt"

	"github.com/looptrace/looptrace/examples/go/actor"
	"github.com/looptrace/looptrace/recorder"
)

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	ctx := context.Background()
	system := actor.NewSystem(rec.Loop("actors"))
	bank, auditor := system.Spawn("bank"), system.Spawn("auditor")
	balance := 100
	fmt.Println(bank.Ask(ctx, "transfer", func(ctx context.Context) int {
		n, _ := auditor.Ask(ctx, "check", func(context.Context) int { return balance / 2 })
		return n
	}))
	fmt.Println(system.Stop(ctx))
}
