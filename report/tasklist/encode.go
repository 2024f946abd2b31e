package tasklist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/safejson"
)

// record is a row as the machine formats have it; the field order is part of the format.
type record struct {
	ID        int     `json:"id"`
	Process   int     `json:"process"`
	PID       int     `json:"pid"`
	Loop      *int    `json:"loop"`
	Name      string  `json:"name"`
	Coro      string  `json:"coro"`
	State     string  `json:"state"`
	Parent    *int    `json:"parent"`
	SpawnedNS int64   `json:"spawned_ns"`
	EndedNS   *int64  `json:"ended_ns"`
	TotalNS   int64   `json:"total_ns"`
	BusyNS    *int64  `json:"busy_ns"`
	Steps     *int    `json:"steps"`
	SpawnedAt *string `json:"spawned_at"`
	Via       *string `json:"spawned_via"`
	WaitsFor  *string `json:"waits_for"`
	WaitsAt   *string `json:"waits_at"`
	Test      *string `json:"test,omitempty"`
}

func recordOf(r Row) record {
	t := r.Task
	rec := record{
		ID: t.ID, Name: t.Name, State: r.State, SpawnedNS: t.SpawnedNS, TotalNS: r.TotalNS,
	}
	if r.Steps >= 0 {
		rec.Steps = &r.Steps
	}
	if r.BusyNS >= 0 {
		rec.BusyNS = &r.BusyNS
	}
	if t.Process != nil {
		rec.Process, rec.PID = t.Process.ID, t.Process.PID
	}
	if t.Loop != nil {
		rec.Loop = &t.Loop.ID
	}
	if t.Parent != nil {
		rec.Parent = &t.Parent.ID
	}
	if t.EndedNS != 0 {
		rec.EndedNS = &t.EndedNS
	}
	if t.Test != nil {
		rec.Test = &t.Test.Name
	}
	if t.Site != nil {
		rec.Coro = t.Site.Coro
		rec.SpawnedAt = place(t.Site.At)
		if t.Site.Via != "" {
			rec.Via = &t.Site.Via
		}
	}
	if r.Live != nil {
		rec.WaitsAt = place(r.Live.At)
		if k := r.Live.On.Kind; k != "" && k != "none" {
			rec.WaitsFor = &k
		}
	}
	return rec
}

func place(f *analyze.Frame) *string {
	if f == nil {
		return nil
	}
	s := fmt.Sprintf("%s:%d", f.File, f.Line)
	return &s
}

// JSON writes the list as an array of objects.
func (l *List) JSON(w io.Writer) error {
	records := make([]record, 0, len(l.Rows))
	for _, r := range l.Rows {
		records = append(records, recordOf(r))
	}
	data, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(safejson.Escape(data), '\n'))
	return err
}

// CSV writes the list with a header line. Characters that could act on a terminal are written as Go escapes.
func (l *List) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	tests := l.HasTests()
	rows := [][]string{{
		"id", "process", "pid", "loop", "name", "coro", "state", "parent", "spawned_ns", "ended_ns", "total_ns", "busy_ns", "steps",
		"spawned_at", "spawned_via", "waits_for", "waits_at",
	}}
	if tests {
		rows[0] = append(rows[0], "test")
	}
	for _, r := range l.Rows {
		rec := recordOf(r)
		cells := rec.cells()
		if tests {
			cells = append(cells, optional(rec.Test))
		}
		rows = append(rows, cells)
	}
	return c.WriteAll(rows)
}

// HasTests reports whether a task of the list was made by a test: only then there is a column for that.
func (l *List) HasTests() bool {
	return slices.ContainsFunc(l.Rows, func(r Row) bool { return r.Task.Test != nil })
}

func (r record) cells() []string {
	return []string{
		strconv.Itoa(r.ID), strconv.Itoa(r.Process), strconv.Itoa(r.PID), optional(r.Loop), visible(r.Name), visible(r.Coro), r.State,
		optional(r.Parent), strconv.FormatInt(r.SpawnedNS, 10), optional(r.EndedNS), strconv.FormatInt(r.TotalNS, 10),
		optional(r.BusyNS), optional(r.Steps), optional(r.SpawnedAt), optional(r.Via), optional(r.WaitsFor), optional(r.WaitsAt),
	}
}

func optional[T any](v *T) string {
	if v == nil {
		return ""
	}
	return visible(fmt.Sprint(*v))
}

// visible escapes what is not printable; all else, quotes and backslashes included, stays.
func visible(s string) string {
	var out bytes.Buffer
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case unicode.IsPrint(r):
			out.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			out.WriteString(q[1 : len(q)-1])
		}
	}
	return out.String()
}
