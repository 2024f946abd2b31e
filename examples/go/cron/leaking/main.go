// A backup waits for a lock that its first run never gave back. Stop gives up on it after a while.
package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/looptrace/looptrace/examples/go/cron"
	"github.com/looptrace/looptrace/recorder"
)

// every is a schedule finer than cron's own, which counts in seconds. It ends after a few runs.
type every struct {
	interval time.Duration
	runs     int
}

// Next returns the time after t, or none.
func (e *every) Next(t time.Time) time.Time {
	if e.runs == 0 {
		return time.Time{}
	}
	e.runs--
	return t.Add(e.interval)
}

func main() {
	rec := recorder.FromEnv()
	defer func() { _ = rec.Close() }()

	var disk sync.Mutex
	var runs atomic.Int32
	begun := make(chan struct{}, 2)
	c := cron.New(rec.Loop("cron"))
	c.Add("backup", &every{5 * time.Millisecond, 2}, func(context.Context) { // entry
		begun <- struct{}{}
		disk.Lock() // blocked
		if runs.Add(1) == 1 {
			return // nothing to do; the lock is forgotten
		}
		disk.Unlock()
	})
	c.Start()
	<-begun
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	fmt.Println(c.Stop(ctx)) // close
}
