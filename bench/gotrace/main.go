// Command gotrace writes a real Go execution trace of a chosen size: a program of mixed work that traces itself and leaves
// goroutines behind on purpose. What it left is printed, so that a reader of the trace can be checked against it:
//
//	go run ./bench/gotrace -size 100 -o big.trace
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/trace"
	"sync/atomic"
	"time"
)

type options struct {
	out    string
	size   int64 // MiB
	parked int
	long   time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.out, "o", "go.trace", "`file` to write")
	flag.Int64Var(&o.size, "size", 100, "stop when the trace has this many `MiB`")
	flag.IntVar(&o.parked, "parked", 0, "park `n` more goroutines for the whole time")
	flag.DurationVar(&o.long, "for", 0, "run this long, however large the trace gets")
	flag.Parse()
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gotrace:", err)
		os.Exit(1)
	}
}

func run(o options, stdout io.Writer) error {
	before := leaveBefore()
	f, err := os.OpenFile(o.out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	w := &counter{w: bufio.NewWriterSize(f, 1<<20)}
	if err := trace.Start(w); err != nil {
		return err
	}
	left := append(before, leave()...)
	park(o.parked)
	work := startWork()
	work.until(func(elapsed time.Duration) bool {
		if o.long > 0 {
			return elapsed >= o.long
		}
		return w.size.Load() >= o.size<<20
	})
	trace.Stop()
	if err := w.w.Flush(); err != nil {
		return err
	}
	left = append(left, remains{"main.lateReceiver", int(work.late.Load())})
	for _, l := range left {
		fmt.Fprintf(stdout, "%d %s\n", l.count, l.function)
	}
	if o.parked > 0 {
		fmt.Fprintf(stdout, "%d %s\n", o.parked, "main.parked")
	}
	fmt.Fprintf(stdout, "%.1f MiB in %s\n", float64(w.size.Load())/(1<<20), o.out)
	return f.Close()
}

// counter counts what is written. The tracer writes on a goroutine of its own.
type counter struct {
	w    *bufio.Writer
	size atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.size.Add(int64(n))
	return n, err
}
