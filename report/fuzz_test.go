package report_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/report/internal/goldentest"
)

// FuzzRender pins that whatever is in a trace, every format writes what its readers can read.
func FuzzRender(f *testing.F) {
	for _, trace := range goldentest.Traces(f) {
		f.Add([]byte(trace), 1000)
		f.Add([]byte(goldentest.Hostile(trace)), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, steps int) {
		if len(data) > 1<<16 || steps > 1<<16 {
			return
		}
		res, err := judge(string(data), steps)
		if err != nil {
			return
		}
		if err := check(res); err != nil {
			t.Fatal(err)
		}
	})
}

// The same for recorded traces in which lines are lost, doubled, out of order, or say other numbers.
func TestDamagedTraces(t *testing.T) {
	traces := goldentest.Traces(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"deadlock", "fork", "killed", "lost", "resources", "shutdown", "stop", "tests", "threads", "wakeups"}).Draw(t, "trace")
		trace := damaged(t, traces[name])
		res, err := judge(trace, rapid.SampledFrom([]int{0, 1, 7}).Draw(t, "steps"))
		if err != nil {
			return
		}
		if err := check(res); err != nil {
			t.Fatalf("%v\n%s", err, trace)
		}
	})
}

// damaged changes some lines of a trace in text form, not its first three.
func damaged(t *rapid.T, trace string) string {
	lines := strings.Split(trace, "\n")
	for range rapid.IntRange(1, 20).Draw(t, "changes") {
		i := rapid.IntRange(3, len(lines)-1).Draw(t, "line")
		j := rapid.IntRange(3, len(lines)-1).Draw(t, "other")
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			lines[i] = ""
		case 1:
			lines[i] = lines[j]
		case 2:
			lines[i], lines[j] = lines[j], lines[i]
		case 3:
			if _, rest, ok := strings.Cut(lines[i], " "); ok && !strings.HasPrefix(lines[i], "=") {
				lines[i] = fmt.Sprint(number(t), " ", rest)
			}
		case 4:
			lines = lines[:max(i, 4)]
		default:
			fields := strings.Split(lines[i], " ")
			k := rapid.IntRange(0, len(fields)-1).Draw(t, "field")
			if key, _, ok := strings.Cut(fields[k], "="); ok && key != "" {
				fields[k] = fmt.Sprint(key, "=", number(t))
			}
			lines[i] = strings.Join(fields, " ")
		}
	}
	return strings.Join(lines, "\n")
}

// number returns a number that is likely to be another task, loop or time, or at an end of the range.
func number(t *rapid.T) int64 {
	return rapid.OneOf(
		rapid.Int64Range(0, 9), rapid.Int64Range(0, 1e9), rapid.SampledFrom([]int64{-1, -1e18, 1 << 31, 1<<32 - 1, 1<<63 - 1, 1<<63 - 2}),
	).Draw(t, "number")
}
