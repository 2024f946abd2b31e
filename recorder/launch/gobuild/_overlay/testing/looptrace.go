// This file is added to package testing of the tests that looptrace run builds.

package testing

import (
	"context"
	"runtime/trace"
)

// looptraceTest says in the execution trace, if there is one, which test the goroutine runs from here on.
func looptraceTest(name string) {
	if name != "" {
		trace.Log(context.Background(), "looptrace", "test "+name)
	}
}
