// Package junit writes a result as JUnit XML. Where tests were recorded there is a case for each of them, which fails if a
// finding comes from it; else a case for each finding. Warnings do not fail a case,
// unless the caller says so: they are told as skipped.
package junit

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/place"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// The dialects.
const (
	XUnit2 = "xunit2" // what the schema of Jenkins' xUnit plugin and pytest's xunit2 allow
	GitLab = "gitlab" // xunit2 with the file and line of each case, which the schema forbids and GitLab reads
)

// Families returns the names of the dialects, the default first.
func Families() []string { return []string{XUnit2, GitLab} }

// Limits. GitLab reads files of less than 30 MB, and fails on a text of 10 MB and on too many elements.
const (
	casesTaken = 50_000
	textBytes  = 32 << 10
	allBytes   = 16 << 20
	nameRunes  = 300
)

// Options say how to write.
type Options struct {
	Root   string // directory that paths are told from, absolute
	Family string // "" is XUnit2
	// Fails decides which findings fail their case; nil: errors. Of the others warnings skip it.
	Fails func(rule string, s analyze.Severity) bool
}

// Render writes the suites. Errors are those of w.
func Render(w io.Writer, res *analyze.Result, o Options) error {
	b := &builder{res: res, root: place.New(o.Root, res.Run), placed: o.Family == GitLab, left: allBytes, fails: o.Fails}
	if b.fails == nil {
		b.fails = func(_ string, s analyze.Severity) bool { return s == analyze.Error }
	}
	all := testsuites{Name: "looptrace", Time: seconds(res.Run.Info.DurationNS)}
	if len(res.Run.Tests) > 0 {
		all.Suites = b.ofTests()
	} else {
		all.Suites = b.ofProcesses()
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.count()
		all.Tests, all.Failures = all.Tests+s.Tests, all.Failures+s.Failures
	}
	out := bufio.NewWriter(w)
	_, _ = io.WriteString(out, xml.Header) // the error is Flush's
	enc := xml.NewEncoder(out)
	enc.Indent("", " ")
	err := enc.Encode(all)
	if err == nil {
		_, _ = io.WriteString(out, "\n")
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	return nil
}

type builder struct {
	res    *analyze.Result
	root   place.Root
	placed bool // cases have a file and a line
	left   int  // bytes of text that may still be written
	fails  func(rule string, s analyze.Severity) bool
}

// suite begins one.
func (b *builder) suite(name string, ns int64) testsuite {
	s := testsuite{Name: short(name), Time: seconds(ns)}
	if at := b.res.Run.Info.StartedAt; at != 0 {
		s.Timestamp = time.Unix(0, at).UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

func (s *testsuite) count() {
	s.Tests = len(s.Cases)
	for i := range s.Cases {
		switch c := &s.Cases[i]; {
		case c.Failure != nil:
			s.Failures++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

// conclusion tells what holds for the whole run.
func (b *builder) conclusion() *text {
	p := annotation.Phraser(b.res, &analyze.Finding{})
	head := wording.FindingCounts(b.res)
	if head == "" {
		head = wording.Clear(b.res.Run)
	}
	says := head + ": " + p.Ending(b.res.Run) + "; " + p.Size(b.res.Run) + wording.Accepted(b.res)
	if m := wording.Missing(&b.res.Run.Health); m != "" {
		says += "\nincomplete recording: " + m
	}
	out := escaped(says)
	return &out
}

// seconds returns a duration in plain decimals with three digits: the schema takes no more, and nobody takes an exponent.
func seconds(ns int64) string { return strconv.FormatFloat(float64(max(ns, 0))/1e9, 'f', 3, 64) }

// short returns a name clean and bounded.
func short(name string) string { return wording.Middle(wording.Clean(name, false), nameRunes, false) }
