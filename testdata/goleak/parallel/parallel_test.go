// Package parallel leaks in four tests that run at the same time, through one helper and from one line.
package parallel

import (
	"flag"
	"os"
	"testing"
	"time"
)

// By itself go test runs as many at once as there are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "5")
	os.Exit(m.Run())
}

var all = make(chan struct{}) // closed when the last of the tests has come here

var arrived = make(chan struct{}, 5)

// together lets all the tests run at once.
func together(t *testing.T) {
	t.Parallel()
	arrived <- struct{}{}
	if t.Name() == "TestNone" {
		for range cap(arrived) {
			<-arrived
		}
		close(all)
	}
	<-all
}

func leave(n int) {
	for range n {
		go stay() // parallel: made
	}
	time.Sleep(20 * time.Millisecond)
}

func stay() {
	select {} // parallel: waits
}

func TestOne(t *testing.T) {
	together(t)
	leave(1)
}

func TestTwo(t *testing.T) {
	together(t)
	leave(2)
}

func TestThree(t *testing.T) {
	together(t)
	leave(3)
}

func TestFour(t *testing.T) {
	together(t)
	leave(4)
}

func TestNone(t *testing.T) {
	together(t)
	leave(0)
}
