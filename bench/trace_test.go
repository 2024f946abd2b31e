// Package bench measures looptrace: see RESULTS.md for the figures and the commands.
package bench

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/bench/internal/tracegen"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

var (
	events = flag.Int("events", 200_000, "events of the generated trace")
	table  = flag.Bool("table", false, "print the figures as a Markdown table")
)

// TestTraceFigures packs, reads and analyses a generated trace, and checks that nothing of it is lost on the way. With
// -table it prints how long that took:
//
//	go test ./bench -run TestTraceFigures -count=1 -v -events 10000000 -table
func TestTraceFigures(t *testing.T) {
	dir := t.TempDir()
	spool, trace := filepath.Join(dir, "spool"), filepath.Join(dir, "t.ltrace")
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	want, err := tracegen.Spool(spool, *events, 1)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	timed := func(what string, f func()) {
		rows = append(rows, measure(what, f))
	}
	timed("pack", func() {
		if err := tracefile.Pack(spool, trace); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.RemoveAll(spool); err != nil { // its pages would count as memory
		t.Fatal(err)
	}
	info, err := os.Stat(trace)
	if err != nil {
		t.Fatal(err)
	}
	timed("read", func() {
		if got := read(t, trace); got != want {
			t.Errorf("read %d events, want %d", got, want)
		}
	})
	timed("read and analyse", func() {
		res := analyse(t, trace)
		if got := int(res.Run.Health.Events); got != want {
			t.Errorf("analysed %d events, want %d", got, want)
		}
	})
	if *table {
		printTable(rows, want, info.Size())
	}
}

type row struct {
	what   string
	took   time.Duration
	heapMB float64
}

// measure times f and samples the live heap while it runs.
func measure(what string, f func()) row {
	runtime.GC()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	began := time.Now()
	f()
	took := time.Since(began)
	close(stop)
	return row{what, took, float64(<-peak) / 1e6}
}

func read(t *testing.T, trace string) int {
	t.Helper()
	f, err := tracefile.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for n := 0; ; n++ {
		if _, err := f.Next(); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func analyse(t *testing.T, trace string) *analyze.Result {
	t.Helper()
	f, err := tracefile.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := analyze.Build(f, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rule.Check(run, "bench")
}

func printTable(rows []row, events int, size int64) {
	fmt.Printf("%d events, %d bytes packed: %.2f bytes per event\n\n", events, size, float64(size)/float64(events))
	fmt.Println("| step | seconds | M events/s | peak heap MB |\n| --- | --- | --- | --- |")
	for _, r := range rows {
		fmt.Printf("| %s | %.2f | %.1f | %.0f |\n", r.what, r.took.Seconds(), float64(events)/1e6/r.took.Seconds(), r.heapMB)
	}
}
