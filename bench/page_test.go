package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/bench/internal/tracegen"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/report/html"
)

// A page of a million spans is to have 20 MB at most: so many bytes for each, beside what every page has.
const (
	bytesPerSpan = 20
	emptyPage    = 300_000
)

type counter struct{ n int }

func (c *counter) Write(b []byte) (int, error) {
	c.n += len(b)
	return len(b), nil
}

// TestPageFigures writes the HTML page of a generated trace and checks its size. With -table it prints what that took:
//
//	go test ./bench -run TestPageFigures -count=1 -v -events 6000000 -table
func TestPageFigures(t *testing.T) {
	spool := filepath.Join(t.TempDir(), "spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := tracegen.Spool(spool, *events, 1); err != nil {
		t.Fatal(err)
	}
	f, err := tracefile.Open(spool)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := analyze.Build(f, analyze.Options{Timeline: &analyze.TimelineOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	res := rule.Check(run, "bench")
	var page counter
	r := measure("write the page", func() {
		if err := html.Render(&page, res); err != nil {
			t.Fatal(err)
		}
	})
	spans := len(run.Timeline.Steps)
	if page.n > emptyPage+bytesPerSpan*spans {
		t.Errorf("%d bytes for %d spans of %d tasks", page.n, spans, len(run.Tasks))
	}
	if *table {
		fmt.Printf("%d spans of %d tasks: %.1f MB in %.2f s, peak heap %.0f MB\n", spans, len(run.Tasks), float64(page.n)/1e6, r.took.Seconds(), r.heapMB)
	}
}
