// Command tasktrace writes a trace of many tasks, some of which are live when their loop is closed:
//
//	go run ./bench/tasktrace -tasks 1000000 -o tasks.ltrace
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/looptrace/looptrace/bench/internal/tracegen"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

func main() {
	tasks := flag.Int("tasks", 1_000_000, "tasks of the trace")
	out := flag.String("o", "tasks.ltrace", "file to write")
	flag.Parse()
	if err := write(*tasks, *out); err != nil {
		fmt.Fprintln(os.Stderr, "tasktrace:", err)
		os.Exit(1)
	}
}

func write(tasks int, out string) error {
	spool, err := os.MkdirTemp("", "tasktrace")
	if err != nil {
		return err
	}
	defer os.RemoveAll(spool)
	events, err := tracegen.Tasks(spool, tasks, 1)
	if err != nil {
		return err
	}
	if err := tracefile.Pack(spool, out); err != nil {
		return err
	}
	fmt.Printf("%s: %d tasks, %d events\n", out, tasks, events)
	return nil
}
