// Package github writes findings as workflow commands of GitHub Actions, which shows them beside the source and in the run's
// summary.
package github

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/place"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Shown is how many annotations of each kind GitHub takes from a step; further ones it drops without a word.
const Shown = 10

// messageBytes bounds the text of an annotation; GitHub takes 64 KiB, but people do not.
const messageBytes = 4000

// Render writes a line for the log, one command a finding, at most Shown of each kind, and one that says what was left out. root is the
// directory that paths are told from, that of the repository. Errors are those of w.
func Render(w io.Writer, res *analyze.Result, root string) error {
	out := bufio.NewWriter(w)
	r := place.New(root, res.Run)
	// A plain line comes first: a command counts at the beginning of a line only, and the recorded program may have left one
	// unended. It must not hold a command itself; older ones are looked for within lines as well.
	fmt.Fprintf(out, "looptrace: %s\n", strings.ReplaceAll(conclusion(res), "##[", "## ["))
	left := leftOut(res)
	kept := map[string]int{}
	for i := range res.Findings {
		f := &res.Findings[i]
		name := command(f.Severity)
		limit := Shown
		if name == "notice" && left != "" {
			limit-- // the last one says what was left out
		}
		if kept[name]++; kept[name] <= limit {
			annotate(out, res, f, r)
		}
	}
	if left != "" {
		fmt.Fprintf(out, "::notice title=looptrace::%s\n", data(left))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write workflow commands: %w", err)
	}
	return nil
}

// annotate writes the command of one finding.
func annotate(w io.Writer, res *analyze.Result, f *analyze.Finding, r place.Root) {
	lines := annotation.Lines(res, f)
	at := r.Blame(f, res.Run)
	where := ""
	if at != nil {
		if file, ok := r.Path(at.File, f.Process); ok {
			where = fmt.Sprintf("file=%s,line=%d,endLine=%d,", property(file), at.Line, at.Line)
		} else {
			lines = append(lines, "At "+annotation.Phraser(res, f).Place(at))
		}
	}
	lines = append(lines, "More: looptrace explain "+f.Rule)
	fmt.Fprintf(w, "::%s %stitle=%s::%s\n", command(f.Severity), where,
		property(wording.End(annotation.Title(res, f), wording.SourceColumns, false)), data(annotation.Text(lines, messageBytes)))
}

func command(s analyze.Severity) string {
	switch s {
	case analyze.Error:
		return "error"
	case analyze.Warning:
		return "warning"
	}
	return "notice"
}

// leftOut says how many findings exceed what GitHub takes, "" if none does.
func leftOut(res *analyze.Result) string {
	count := map[string]int{}
	for i := range res.Findings {
		count[command(res.Findings[i].Severity)]++
	}
	if count["error"] <= Shown && count["warning"] <= Shown && count["notice"] <= Shown {
		return ""
	}
	return fmt.Sprintf("%s; GitHub shows at most %d annotations of each kind for a step. looptrace report TRACE has them all.",
		wording.FindingCounts(res), Shown)
}

func conclusion(res *analyze.Result) string {
	p := annotation.Phraser(res, &analyze.Finding{})
	head := wording.FindingCounts(res)
	if head == "" {
		head = wording.Clear(res.Run)
	}
	text := head + ": " + p.Ending(res.Run) + "; " + p.Size(res.Run) + wording.Accepted(res)
	if m := wording.Missing(&res.Run.Health); m != "" {
		text += "; incomplete recording: " + m
	}
	return text
}

// data escapes the message of a command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
