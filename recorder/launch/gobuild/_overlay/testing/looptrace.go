// This is appended to a file of package testing in the tests that looptrace run builds.

package testing

import (
	"runtime/trace"
	"time"
)

// What follows is appended.

// looptraceContext is an empty context: before Go 1.24 package testing does not import package context.
type looptraceContext struct{}

func (looptraceContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (looptraceContext) Done() <-chan struct{}       { return nil }
func (looptraceContext) Err() error                  { return nil }
func (looptraceContext) Value(any) any               { return nil }

// looptraceTest says in the execution trace, if there is one, which test the goroutine runs from here on.
func looptraceTest(name string) {
	if name != "" {
		trace.Log(looptraceContext{}, "looptrace", "test "+name)
	}
}
