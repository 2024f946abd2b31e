// Command flight has a flight recorder (Go 1.25 and later) and a trace at once.
package main

import (
	"bytes"
	"fmt"
	"runtime/trace"
	"time"
)

func main() {
	fr := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Second})
	fmt.Println(fr.Start(), fr.Enabled(), trace.IsEnabled())
	var b, c bytes.Buffer
	fmt.Println(trace.Start(&c))
	time.Sleep(30 * time.Millisecond)
	n, err := fr.WriteTo(&b)
	fmt.Println(n > 0, err)
	trace.Stop()
	fr.Stop()
	fmt.Println(b.Len() > 0, c.Len() > 0, trace.IsEnabled())
}
