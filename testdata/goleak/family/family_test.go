// Package family leaks goroutines whose parents have ended, and goroutines of a library.
package family

import (
	"testing"
	"time"

	"example.test/goleak/family/pool"
)

func TestGrandchild(t *testing.T) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		go wait() // grandchild: made
	}()
	<-ended
}

func TestGreatGrandchild(t *testing.T) {
	go func() {
		go func() {
			go wait() // great: made
		}()
	}()
	time.Sleep(20 * time.Millisecond)
}

func wait() {
	select {} // family: waits
}

func TestPoolLeft(t *testing.T) {
	p := pool.New(2)
	p.Do(func() {})
}

func TestPoolClosed(t *testing.T) {
	p := pool.New(2)
	p.Do(func() {})
	p.Close()
}

// A worker of the library makes a goroutine for the test that gave it the job.
func TestJobOfPool(t *testing.T) {
	p := pool.New(1)
	done := make(chan struct{})
	p.Do(func() {
		go wait() // job: made
		close(done)
	})
	<-done
	p.Close()
	time.Sleep(50 * time.Millisecond)
}
