// Package sarif writes a result as SARIF 2.1.0 (OASIS, 27 March 2020), within the limits that GitHub's code scanning sets
// (docs.github.com, "SARIF support for code scanning").
package sarif

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/place"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Limits. GitHub takes no more than these, and drops the whole file otherwise.
const (
	resultsTaken   = 25_000
	detailedTaken  = 1000 // results beyond them come without related locations and flows, for the sake of the 10 MB
	relatedTaken   = 100  // of the 1000 that GitHub takes it shows 100
	flowsTaken     = 20   // tasks whose way is told; the limit is 1000 shown steps in all
	descriptionMax = 1024
	notesTaken     = 20
)

const homepage = "https://github.com/looptrace/looptrace"

// sourceRoot is the name of the directory that relative references are told from.
const sourceRoot = "SRCROOT"

// Options say how to write; the zero value tells paths from the main process's directory.
type Options struct {
	Root     string // directory that paths are told from, absolute
	Category string // tells several uploads for one commit apart; "" if there is one
}

// Render writes res. Findings that were silenced are in it as suppressed results. Errors are those of w.
func Render(w io.Writer, res *analyze.Result, o Options) error {
	b := newBuilder(res, o)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(log{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []run{b.run()},
	})
	if err == nil {
		out := bufio.NewWriter(w)
		_, _ = out.Write(safejson.Escape(buf.Bytes())) // the error is Flush's
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write sarif: %w", err)
	}
	return nil
}

// builder makes the one run of a log.
type builder struct {
	res      *analyze.Result
	o        Options
	root     place.Root
	ruleAt   map[string]int
	hashes   map[string]int // how often a fingerprint was given out
	baseline bool           // findings were compared with a baseline
	silenced bool           // somebody accepted findings
	detailed int            // results with related locations and flows
}

func newBuilder(res *analyze.Result, o Options) *builder {
	b := &builder{
		res: res, o: o, root: place.New(o.Root, res.Run), ruleAt: map[string]int{}, hashes: map[string]int{},
		silenced: len(res.Silenced) > 0,
	}
	for i := range res.Rules {
		b.ruleAt[res.Rules[i].ID] = i
	}
	for i := range res.Silenced {
		b.baseline = b.baseline || res.Silenced[i].By.Baseline
	}
	for i := range res.Unused {
		b.baseline = b.baseline || res.Unused[i].Baseline
	}
	return b
}

func (b *builder) run() run {
	category := strings.Trim(b.o.Category, "/")
	if category != "" {
		category += "/"
	}
	out := run{
		Tool:              tool{Driver: b.driver()},
		AutomationDetails: automationDetails{ID: "looptrace/" + wording.Clean(category, false)},
		ColumnKind:        "unicodeCodePoints",
		Results:           b.results(),
	}
	if dir := b.root.Dir(); dir != "" {
		out.OriginalURIBaseIDs = map[string]artifactLocation{sourceRoot: {URI: "file://" + strings.TrimSuffix(place.Escape(dir), "/") + "/"}}
	}
	out.Invocations = []invocation{b.invocation()}
	return out
}

// results returns the findings, and behind them those that were silenced, as many as GitHub takes.
func (b *builder) results() []result {
	out := []result{}
	for i := range b.res.Findings {
		if len(out) == resultsTaken {
			return out
		}
		out = append(out, b.result(&b.res.Findings[i], nil))
	}
	for i := range b.res.Silenced {
		if len(out) == resultsTaken {
			return out
		}
		out = append(out, b.result(&b.res.Silenced[i].Finding, &b.res.Silenced[i].By))
	}
	return out
}

// semver is what semanticVersion may hold.
var semver = regexp.MustCompile(`^v?(\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]*)?)$`)

func (b *builder) driver() driver {
	d := driver{
		Name: "looptrace", FullName: "looptrace, a flight recorder for event loops: asyncio, and Go programs", SemanticVersion: "0.0.0-devel",
		InformationURI: homepage, Rules: []descriptor{},
	}
	if m := semver.FindStringSubmatch(b.res.Tool); m != nil { // a build from a tree has no version
		d.SemanticVersion, d.Version = m[1], b.res.Tool
	}
	for i := range b.res.Rules {
		d.Rules = append(d.Rules, describe(&b.res.Rules[i]))
	}
	return d
}

// invocation tells how the command ended, and what is missing from the recording or was cut.
func (b *builder) invocation() invocation {
	info := &b.res.Run.Info
	out := invocation{ExecutionSuccessful: true}
	if info.Ended && info.Signal != 0 {
		out.ExitSignalNumber = &info.Signal
	} else if info.Ended {
		out.ExitCode = &info.ExitCode
	}
	if info.StartedAt != 0 {
		began := time.Unix(0, info.StartedAt).UTC()
		out.StartTimeUTC = began.Format("2006-01-02T15:04:05.000Z")
		out.EndTimeUTC = began.Add(time.Duration(info.DurationNS)).Format("2006-01-02T15:04:05.000Z")
	}
	note := func(level, text string) {
		if len(out.ToolExecutionNotifications) < notesTaken {
			out.ToolExecutionNotifications = append(out.ToolExecutionNotifications, notification{level, message{Text: text}})
		}
	}
	all := len(b.res.Findings) + len(b.res.Silenced)
	if all > resultsTaken {
		note("warning", fmt.Sprintf("%d of %d results were left out: GitHub takes no more than %d.", all-resultsTaken, all, resultsTaken))
	}
	if min(all, resultsTaken) > detailedTaken {
		note("note", fmt.Sprintf("Only the first %d results have related locations and code flows.", detailedTaken))
	}
	h := &b.res.Run.Health
	if missing := wording.Missing(h); missing != "" {
		note("warning", "Incomplete recording: "+annotation.Stop(missing))
	}
	for _, n := range h.Notes {
		note("note", annotation.Stop(wording.End(wording.Clean(n, false), wording.MessageColumns, false)))
	}
	return out
}
