package jsonreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// watched keeps what is written and how much came at once. Full, it fails.
type watched struct {
	bytes.Buffer
	largest int
	full    bool
}

func (w *watched) Write(p []byte) (int, error) {
	if w.full {
		return 0, errors.New("full")
	}
	w.largest = max(w.largest, len(p))
	return w.Buffer.Write(p)
}

// TestPieces: the report of a large run is the one that the encoder makes of all of it, and is never in memory whole.
func TestPieces(t *testing.T) {
	process, loop := &analyze.Process{ID: 1}, &analyze.Loop{ID: 1}
	run := &analyze.Run{}
	for i := range 3000 {
		run.Tasks = append(run.Tasks, &analyze.Task{ID: i + 1, Name: "<ü\x1b>", Process: process, Loop: loop, Site: &analyze.Site{Coro: "work"}})
	}
	res := &analyze.Result{Run: run}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(convert(res)); err != nil {
		t.Fatal(err)
	}
	var got watched
	if err := Render(&got, res); err != nil || got.String() != want.String() {
		t.Errorf("%v; %d bytes, want %d", err, got.Len(), want.Len())
	}
	if got.largest > 2*pieceBytes || want.Len() < 4*pieceBytes {
		t.Errorf("%d bytes at once of %d", got.largest, want.Len())
	}
	if err := Render(&watched{full: true}, res); err == nil {
		t.Error("a full disk is not told")
	}
}
