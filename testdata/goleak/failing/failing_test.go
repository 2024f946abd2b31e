// Package failing has a test that fails and leaves its goroutine behind for that. goleak does not look then.
package failing

import (
	"testing"
	"time"
)

func TestFails(t *testing.T) {
	quit := make(chan struct{})
	go func() { // failing: made
		<-quit // failing: waits
	}()
	time.Sleep(20 * time.Millisecond)
	t.Fatal("it ends before it closes quit")
	close(quit)
}

func TestPasses(t *testing.T) {}
