package junit

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/term"
)

// textColumns is how wide the text of a case is: those who show it do not wrap it.
const textColumns = 100

// judge gives a case its findings: it fails, is skipped or only tells them, whatever is the worst.
func (b *builder) judge(c *testcase, found []*analyze.Finding) {
	if len(found) == 0 {
		return
	}
	slices.SortStableFunc(found, func(x, y *analyze.Finding) int { return b.weight(x) - b.weight(y) })
	worst := found[0]
	v := &verdict{Type: worst.Rule, Message: short(annotation.Phraser(b.res, worst).Text(worst.Message)), text: b.text(found)}
	if n := len(found) - 1; n > 0 {
		v.Message += " (and " + wording.Count(n, "more finding") + ")"
	}
	switch b.weight(worst) {
	case failing:
		c.Failure = v
	case skipping:
		v.Message = string(worst.Severity) + ": " + v.Message
		c.Skipped = v
	default:
		c.SystemOut = &v.text
	}
}

// What a finding makes of its case.
const (
	failing = iota
	skipping
	telling
)

func (b *builder) weight(f *analyze.Finding) int {
	switch {
	case b.fails(f.Rule, f.Severity):
		return failing
	case f.Severity == analyze.Note:
		return telling
	}
	return skipping
}

// text returns all about findings, as far as there is room.
func (b *builder) text(found []*analyze.Finding) text {
	var out bytes.Buffer
	for i, f := range found {
		var one bytes.Buffer
		_ = term.Finding(&one, b.res, f, term.Options{Width: textColumns}) // a buffer takes all
		if n := out.Len() + one.Len() + 1; n > textBytes || n > b.left {
			fmt.Fprintf(&out, "\nand %s: looptrace report TRACE has them all\n", wording.Count(len(found)-i, "more finding"))
			break
		}
		out.WriteByte('\n')
		out.Write(one.Bytes())
	}
	b.left -= out.Len()
	return escaped(out.String())
}

// ofProcesses returns a suite for each process that has findings or ran loops, and one for the run if there is none.
func (b *builder) ofProcesses() []testsuite {
	var out []testsuite
	used := map[string]int{}
	for i, p := range b.res.Run.Processes {
		var found []*analyze.Finding
		for k := range b.res.Findings {
			if f := &b.res.Findings[k]; f.Process == p || f.Process == nil && i == 0 {
				found = append(found, f)
			}
		}
		if len(found) == 0 && len(p.Loops) == 0 {
			continue
		}
		name := "looptrace"
		if command := annotation.Phraser(b.res, &analyze.Finding{Process: p}).Command(p.Argv); command != "" { // a raw Go trace has none
			name += ": " + command
		}
		if used[name]++; used[name] > 1 {
			name += fmt.Sprintf(" (%d)", used[name])
		}
		out = append(out, b.ofFindings(name, p.Exit.TimeNS-p.StartedNS, found))
	}
	if len(out) == 0 {
		var found []*analyze.Finding
		for k := range b.res.Findings {
			found = append(found, &b.res.Findings[k])
		}
		out = append(out, b.ofFindings("looptrace", b.res.Run.Info.DurationNS, found))
	}
	out[0].SystemOut = b.conclusion()
	return out
}

// ofFindings returns a suite with a case for each finding, and one that passes if there are none. A case is named by rule and
// function, without the line, so that its history goes on when the file is edited.
func (b *builder) ofFindings(name string, ns int64, found []*analyze.Finding) testsuite {
	s := b.suite(name, ns)
	if len(found) == 0 {
		s.Cases = []testcase{{Classname: "looptrace", Name: "event loops", Time: seconds(ns)}}
		return s
	}
	used := map[string]int{}
	for _, f := range found[:min(len(found), casesTaken)] {
		c := testcase{Classname: "looptrace." + short(f.Rule), Name: "the process", Time: seconds(0)}
		if at := b.root.Blame(f, b.res.Run); at != nil {
			p := annotation.Phraser(b.res, f)
			c.Name = p.Path(at.File)
			if at.Function != "" {
				c.Name = p.Name(at.Function) + " in " + c.Name
			}
			if file, ok := b.root.Path(at.File, f.Process); ok && b.placed {
				c.File, c.Line = file, at.Line
			}
		}
		if used[c.Classname+c.Name]++; used[c.Classname+c.Name] > 1 {
			c.Name += fmt.Sprintf(" #%d", used[c.Classname+c.Name])
		}
		b.judge(&c, []*analyze.Finding{f})
		s.Cases = append(s.Cases, c)
	}
	return s
}
