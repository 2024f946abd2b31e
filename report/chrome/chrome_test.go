package chrome

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func render(t *testing.T, res *analyze.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	goldentest.Compare(t, "stop.json", render(t, goldentest.Judge(t, goldentest.Traces(t)["stop"])))
	goldentest.Compare(t, "stop_hostile.json", render(t, goldentest.Judge(t, goldentest.Hostile(goldentest.Traces(t)["stop"]))))
	goldentest.Compare(t, "fork.json", render(t, goldentest.Judge(t, goldentest.Traces(t)["fork"])))
}

type event struct {
	Ph, Cat, Name, ID string
	Pid, Tid          int
	Ts, Dur           float64
}

// Events of one thread nest, asynchronous ones end after they began, and flows have both ends.
func TestEveryTrace(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		out := render(t, res)
		if i := bytes.IndexAny(out, "\x1b\x07\u009b\u202e\x00"); i >= 0 || bytes.Contains(out, []byte("</script")) {
			t.Errorf("acts: %q", out[max(0, i):min(len(out), i+80)])
		}
		var doc struct{ TraceEvents []event }
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatal(err)
		}
		check(t, doc.TraceEvents)
	})
}

func check(t *testing.T, events []event) {
	t.Helper()
	ends := map[string]float64{}
	depth := map[string]int{}
	flows := map[string]int{}
	for _, e := range events {
		lane := fmt.Sprint(e.Pid, "/", e.Tid)
		switch e.Ph {
		case "X":
			if e.Ts < ends[lane]-1e-3 || e.Dur < 0 {
				t.Errorf("%+v overlaps what ended at %f", e, ends[lane])
			}
			ends[lane] = e.Ts + e.Dur
		case "b":
			depth[e.ID]++
		case "e":
			if depth[e.ID]--; depth[e.ID] < 0 {
				t.Errorf("%+v ends what had not begun", e)
			}
		case "s":
			flows[e.Cat+e.Name+e.ID]++
		case "f":
			flows[e.Cat+e.Name+e.ID] -= 1
		case "M", "i", "n":
		default:
			t.Errorf("phase %q", e.Ph)
		}
	}
	for id, n := range flows {
		if n != 0 {
			t.Errorf("flow %s: %d", id, n)
		}
	}
}

// failing fails after some bytes.
type failing struct{ left int }

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, fmt.Errorf("disk full")
	}
	return len(p), nil
}

func TestErrorsOfTheWriterAreTold(t *testing.T) {
	res := goldentest.Judge(t, goldentest.Traces(t)["stop"])
	for _, n := range []int{0, 100, 1 << 12} {
		if err := Render(&failing{n}, res); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}
