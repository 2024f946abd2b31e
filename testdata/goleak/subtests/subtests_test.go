// Package subtests leaks in some subtests, and where tests clean up.
package subtests

import (
	"testing"
	"time"
)

func block(c chan int) {
	<-c // block: waits
}

func TestTable(t *testing.T) {
	for _, name := range []string{"empty", "full", "broken"} {
		t.Run(name, func(t *testing.T) {
			done := make(chan int)
			if name == "full" {
				go block(done) // table: made
				return
			}
			go block(done)
			done <- 1
		})
	}
}

func TestDeep(t *testing.T) {
	t.Run("outer", func(t *testing.T) {
		t.Run("inner", func(t *testing.T) {
			go block(make(chan int)) // deep: made
		})
		go block(make(chan int)) // outer: made
	})
}

func TestParallelSubtests(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			time.Sleep(10 * time.Millisecond)
			if name != "b" {
				go block(make(chan int)) // subtest: made
			}
		})
	}
}

func TestCleanup(t *testing.T) {
	t.Cleanup(func() {
		go block(make(chan int)) // cleanup: made
	})
}

// Its goroutine is alive until the cleanup, and gone after it.
func TestCleansUp(t *testing.T) {
	c := make(chan int)
	t.Cleanup(func() { c <- 1 })
	go block(c)
}

func TestHelper(t *testing.T) {
	helper(t)
	time.Sleep(50 * time.Millisecond)
}

func helper(t *testing.T) {
	t.Helper()
	go block(make(chan int)) // helper: made
}
