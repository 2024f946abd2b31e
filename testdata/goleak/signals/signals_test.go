// Package signals listens for signals, for which os/signal keeps a goroutine of its own.
package signals

import (
	"context"
	"os"
	"os/signal"
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt) // signal: made
	signal.Reset(os.Interrupt)
}

func TestStopped(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	defer signal.Stop(c)
}

func TestContextLeft(t *testing.T) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // notify: made
	_, _ = ctx, stop
}

func TestContextStopped(t *testing.T) {
	_, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	stop()
}

func TestHandlerLeft(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	go func() { // handler: made
		<-c // handler: waits
	}()
	time.Sleep(50 * time.Millisecond)
}
