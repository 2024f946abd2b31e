package external_test

import (
	"testing"
	"time"

	"example.test/goleak/external"
)

func TestWatch(t *testing.T) {
	external.Watch()
	time.Sleep(20 * time.Millisecond)
}

func ExampleWatch() {
	external.Watch()
	// Output:
}
