// Package ends leaves no goroutine behind: all end by themselves, though some only after their test.
package ends

import (
	"context"
	"sync"
	"testing"
	"time"
)

func TestEndsSoon(t *testing.T) {
	go time.Sleep(30 * time.Millisecond)
}

var release = make(chan struct{})

// Its goroutine is ended by the test after it.
func TestKeeps(t *testing.T) {
	go func() { <-release }()
}

func TestReleases(t *testing.T) {
	close(release)
}

func TestWaitsFor(t *testing.T) {
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { time.Sleep(time.Millisecond) })
	}
	wg.Wait()
}

func TestCancels(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	go func() { <-ctx.Done() }()
}

// The context of a test is cancelled before its cleanups.
func TestContextOfTest(t *testing.T) {
	go func() { <-t.Context().Done() }()
}

// A timer is no goroutine before it fires.
func TestTimer(t *testing.T) {
	time.AfterFunc(time.Hour, func() { select {} })
}

func TestLast(t *testing.T) {
	time.Sleep(100 * time.Millisecond)
}
