package speedscope

import (
	"bytes"
	"encoding/json"
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
	goldentest.Compare(t, "threads.json", render(t, goldentest.Judge(t, goldentest.Traces(t)["threads"])))
}

// What is known of no loop is one empty profile.
func TestNothingRan(t *testing.T) {
	goldentest.Compare(t, "nothing.json", render(t, &analyze.Result{Run: &analyze.Run{Health: analyze.Health{Complete: true}}}))
}

type document struct {
	Profiles []struct {
		StartValue, EndValue int64
		Events               []struct {
			Type  string
			Frame int
			At    int64
		}
	}
	Shared struct {
		Frames []struct{ Name string }
	}
}

// Events are in the order of time, what was opened last is closed first, and frames exist.
func TestEveryTrace(t *testing.T) {
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		out := render(t, res)
		if i := bytes.IndexAny(out, "\x1b\x07\u009b\u202e\x00"); i >= 0 {
			t.Errorf("acts: %q", out[max(0, i):min(len(out), i+80)])
		}
		var doc document
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatal(err)
		}
		check(t, &doc)
	})
}

func check(t *testing.T, doc *document) {
	t.Helper()
	if len(doc.Profiles) == 0 {
		t.Error("no profile")
	}
	for _, p := range doc.Profiles {
		var open []int
		at := p.StartValue
		for _, e := range p.Events {
			if e.At < at || e.Frame < 0 || e.Frame >= len(doc.Shared.Frames) {
				t.Fatalf("%+v after %d", e, at)
			}
			at = e.At
			if e.Type == "O" {
				open = append(open, e.Frame)
				continue
			}
			if len(open) == 0 || open[len(open)-1] != e.Frame {
				t.Fatalf("%+v closes none of %v", e, open)
			}
			open = open[:len(open)-1]
		}
		if len(open) > 0 || at > p.EndValue {
			t.Errorf("left open: %v; ends at %d of %d", open, at, p.EndValue)
		}
	}
}
