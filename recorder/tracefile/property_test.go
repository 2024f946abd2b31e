package tracefile_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

// text draws strings with everything that has to be escaped somewhere.
var text = rapid.OneOf(
	rapid.SampledFrom([]string{"", "Task-1", "Task-007", "Task-18446744073709551616", "@7f", "a,b", "x=y", "a:1:b", `\`, `\n`, "\x1b[2J", "\xff\xfe", "ü\u2028\u00a0", " ", "\n", "-"}),
	rapid.String(),
)

func drawFrame(t *rapid.T) tracefile.Frame {
	return tracefile.Frame{
		File: text.Draw(t, "file"), Line: rapid.IntRange(0, 1<<31-1).Draw(t, "line"), Function: text.Draw(t, "function"),
		Qualname: text.Draw(t, "qualname"), Text: text.Draw(t, "text"),
	}
}

func drawFrames(t *rapid.T) []tracefile.Frame {
	var list []tracefile.Frame
	for range rapid.IntRange(0, 3).Draw(t, "frames") {
		list = append(list, drawFrame(t))
	}
	return list
}

// allKinds returns every kind of event.
func allKinds() []tracefile.Kind {
	var list []tracefile.Kind
	for k := tracefile.Undetermined + 1; !strings.HasPrefix(k.String(), "kind("); k++ {
		list = append(list, k)
	}
	return list
}

func drawEvent(t *rapid.T) tracefile.Event {
	few := func(name string) uint32 { return uint32(rapid.IntRange(0, 3).Draw(t, name)) }
	e := tracefile.Event{
		Time: rapid.Int64Range(-1<<40, 1<<40).Draw(t, "time"),
		Kind: rapid.SampledFrom(allKinds()).Draw(t, "kind"),
		Task: tracefile.TaskID(few("task")), Thread: tracefile.ThreadID(few("thread")), Loop: tracefile.LoopID(few("loop")),
	}
	if rapid.Bool().Draw(t, "big") {
		e.Task, e.Thread = tracefile.TaskID(rapid.Uint32().Draw(t, "task")), tracefile.ThreadID(rapid.Uint32().Draw(t, "thread"))
		e.Number, e.Name = rapid.Uint64().Draw(t, "number"), text.Draw(t, "name")
	}
	if e.Kind <= tracefile.CancelRequested && rapid.Bool().Draw(t, "hot") {
		e.Number = uint64(few("number"))
		if e.Kind != tracefile.TaskEnded {
			e.Number, e.Name = 0, ""
		}
	}
	if rapid.Bool().Draw(t, "defs") {
		e.Stack, e.Site, e.Chain = tracefile.StackID(few("stack")), tracefile.SiteID(few("site")), tracefile.ChainID(few("chain"))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "attrs") {
		key := rapid.SampledFrom([]string{"key", "state", "on", "argv"}).Draw(t, "key")
		e.Attrs = append(e.Attrs, tracefile.Attr{Key: key + strings.Repeat("2", i), Value: text.Draw(t, "value")})
	}
	if rapid.Bool().Draw(t, "stack attr") {
		e.Attrs = append(e.Attrs, tracefile.Attr{Key: "raised_stack", Value: fmt.Sprint(few("raised"))})
	}
	return e
}

// drawLaneEvent draws one of those that streams with lanes have rows for.
func drawLaneEvent(t *rapid.T) tracefile.Event {
	few := func(name string) uint32 { return uint32(rapid.IntRange(0, 3).Draw(t, name)) }
	e := tracefile.Event{Time: int64(rapid.IntRange(0, 1000).Draw(t, "time")), Task: tracefile.TaskID(few("task"))}
	switch e.Kind = rapid.SampledFrom([]tracefile.Kind{tracefile.StepBegun, tracefile.StepEnded, tracefile.TaskSpawned, tracefile.TaskEnded}).Draw(t, "kind"); e.Kind {
	case tracefile.StepEnded:
		e.Chain = tracefile.ChainID(few("chain"))
	case tracefile.TaskSpawned:
		e.Site, e.Number, e.Loop = tracefile.SiteID(few("site")), uint64(few("parent")), tracefile.LoopID(few("loop"))
		e.Name = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "name")
	case tracefile.TaskEnded:
		e.Number = uint64(few("outcome"))
	}
	return e
}

func drawTrace(t *rapid.T) *tracetest.Trace {
	tr := &tracetest.Trace{Info: tracefile.RunInfo{StartedNS: rapid.Int64Range(0, 1<<40).Draw(t, "start"), PID: 3}}
	if rapid.Bool().Draw(t, "ended") {
		tr.Info.Ended, tr.Info.ExitCode, tr.Info.Signal = true, -1, 9
		tr.Info.Command = []string{"python", "a b\n\u2028ü"}
	}
	tr.Missing.Truncated = rapid.Bool().Draw(t, "truncated")
	for range rapid.IntRange(1, 3).Draw(t, "streams") {
		s := tr.Stream()
		for range 2 {
			s.Stack(drawFrames(t)...)
			s.Chain(tracefile.Chain{State: text.Draw(t, "state"), On: text.Draw(t, "on"), Frames: drawFrames(t)})
		}
		s.Site(tracefile.Site{Stack: 1, Coro: text.Draw(t, "coro"), Def: drawFrame(t)})
		s.Site(tracefile.Site{Stack: 2})
		lanes := rapid.Bool().Draw(t, "lanes")
		if lanes {
			s.Add(tracefile.Event{Kind: tracefile.ProcessStarted, Attrs: tracefile.Attrs{{Key: "lanes", Value: "task"}}})
		}
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			e := drawEvent(t)
			if lanes && rapid.Bool().Draw(t, "of lanes") {
				e = drawLaneEvent(t)
			}
			s.Add(e)
		}
	}
	return tr
}

// checkSame compares everything that a source says.
func checkSame(t *rapid.T, form string, want *tracetest.Trace, got tracefile.Source) {
	want.Rewind()
	wantLines, _ := tracetest.Lines(want)
	gotLines, err := tracetest.Lines(got)
	if err != nil {
		t.Fatalf("%s: %v", form, err)
	}
	if diff := cmp.Diff(wantLines, gotLines); diff != "" {
		t.Fatalf("%s: events:\n%s", form, diff)
	}
	if diff := cmp.Diff(want.Run(), got.Run()); diff != "" {
		t.Fatalf("%s: run:\n%s", form, diff)
	}
	if h := got.Health(); h.Truncated != want.Missing.Truncated || h.Events != uint64(len(wantLines)) {
		t.Fatalf("%s: health %+v", form, h)
	}
}

// TestRoundTrips: packed and text, a trace says the same; and the text of both is the same bytes.
func TestRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrace(t)
		var packed, text bytes.Buffer
		if err := tracefile.Copy(&packed, tr); err != nil {
			t.Fatal(err)
		}
		src, err := tracefile.ReadPacked(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
		if err != nil {
			t.Fatal(err)
		}
		checkSame(t, "packed", tr, src)

		tr.Rewind()
		if err := tracefile.WriteText(&text, tr); err != nil {
			t.Fatal(err)
		}
		twin, err := tracefile.ReadText(strings.NewReader(text.String()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, text.String())
		}
		checkSame(t, "text", tr, twin)
	})
}
