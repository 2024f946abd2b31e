// A backup that runs every few milliseconds is stopped: the run at work sees that, and ends.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/looptrace/looptrace/examples/go/cron"
	"github.com/looptrace/looptrace/recorder"
)

// every is a schedule finer than cron's own, which counts in seconds.
type every time.Duration

// Next returns the time after t.
func (d every) Next(t time.Time) time.Time { return t.Add(time.Duration(d)) }

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	begun, stop := make(chan struct{}, 1), make(chan struct{})
	c := cron.New(rec.Loop("cron"))
	c.Add("backup", every(5*time.Millisecond), func(context.Context) {
		select {
		case begun <- struct{}{}:
		default:
		}
		<-stop
	})
	c.Start()
	<-begun
	close(stop)
	fmt.Println(c.Stop(context.Background()))
}
