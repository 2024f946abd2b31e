// Package testmain leaks in TestMain, for all tests and for none.
package testmain

import (
	"os"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	go serve() // before: made
	os.Exit(m.Run())
}

func serve() {
	select {} // serve: waits
}

func TestLeaks(t *testing.T) {
	go serve() // test: made
	time.Sleep(50 * time.Millisecond)
}

func TestIsInnocent(t *testing.T) {}
