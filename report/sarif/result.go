package sarif

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// messageBytes bounds the text of a result.
const messageBytes = 4000

// testsTaken bounds the names of tests of a result.
const testsTaken = 100

// result returns a finding; by is what silenced it, nil if nothing did.
func (b *builder) result(f *analyze.Finding, by *analyze.Suppression) result {
	at := b.root.Blame(f, b.res.Run)
	lines := annotation.Lines(b.res, f)
	if f.At != nil && at != f.At {
		lines = append(lines, "At "+annotation.Phraser(b.res, f).Place(f.At))
	}
	out := result{
		RuleID: f.Rule, Level: level(f.Severity), Message: message{Text: plain(annotation.Text(lines, messageBytes))},
		PartialFingerprints: b.fingerprints(f),
	}
	if i, ok := b.ruleAt[f.Rule]; ok {
		out.RuleIndex = &i
	}
	if at != nil {
		out.Locations = []location{b.location(at)}
	}
	if b.detailed < detailedTaken {
		b.detailed++
		out.RelatedLocations = b.related(f)
		out.CodeFlows = b.flows(f)
	}
	if f.Cause != "" || len(f.Tests) > 0 {
		out.Properties = &resultBag{Cause: f.Cause}
		for _, t := range f.Tests[:min(len(f.Tests), testsTaken)] {
			out.Properties.Tests = append(out.Properties.Tests, wording.Clean(t.Name, false))
		}
	}
	b.accept(&out, by)
	return out
}

// accept says who accepted a finding. In a run where anything was compared or suppressed, every result has to say so.
func (b *builder) accept(out *result, by *analyze.Suppression) {
	if b.baseline {
		out.BaselineState = "new"
	}
	if b.silenced {
		out.Suppressions = &[]suppression{}
	}
	if by == nil {
		return
	}
	if by.Baseline {
		out.BaselineState = "unchanged"
	}
	s := suppression{Kind: "external", Status: "accepted", Justification: wording.End(wording.Clean(by.Reason, false), wording.MessageColumns, false)}
	if by.Comment {
		s.Kind = "inSource"
		l := b.location(&analyze.Frame{File: by.File, Line: by.Line})
		s.Location = &l
	}
	out.Suppressions = &[]suppression{s}
}

// fingerprints identify a result over several runs. GitHub goes by primaryLocationLineHash alone, whose number behind the
// colon tells equal ones apart.
func (b *builder) fingerprints(f *analyze.Finding) map[string]string {
	b.hashes[f.Fingerprint]++
	numbered := f.Fingerprint + ":" + strconv.Itoa(b.hashes[f.Fingerprint])
	return map[string]string{"primaryLocationLineHash": numbered, "looptrace/v1": numbered}
}

// related returns the lines of the evidence.
func (b *builder) related(f *analyze.Finding) []location {
	var out []location
	p := annotation.Phraser(b.res, f)
	for _, e := range wording.Evidence(f) {
		if e.At == nil || e.At.Line < 1 || len(out) == relatedTaken {
			continue
		}
		l := b.location(e.At)
		id := len(out)
		l.ID, l.Message = &id, &message{Text: plain(annotation.Stop(p.Text(e.Text)))}
		out = append(out, l)
	}
	return out
}

// location returns the line of a frame. Its columns span the text of the line: that is recorded without its indent, which is
// the nearest that can be said without the program at hand.
func (b *builder) location(f *analyze.Frame) location {
	uri, inside := b.root.URI(f.File)
	artifact := artifactLocation{URI: uri}
	if inside {
		artifact.URIBaseID = sourceRoot
	}
	line := max(f.Line, 1)
	r := region{StartLine: line, StartColumn: 1, EndLine: line, EndColumn: 2}
	if text := wording.End(wording.CleanSource(f.Text, false), wording.SourceColumns, false); text != "" {
		r.EndColumn = 1 + utf8.RuneCountInString(text)
		r.Snippet = &message{Text: text}
	}
	out := location{PhysicalLocation: &physicalLocation{ArtifactLocation: artifact, Region: r}}
	if name := f.Qualname; name != "" || f.Function != "" {
		if name == "" {
			name = f.Function
		}
		out.LogicalLocations = []logicalLocation{{FullyQualifiedName: wording.Middle(wording.Clean(name, false), wording.SourceColumns, false), Kind: "function"}}
	}
	return out
}

// plain keeps names of the program from making a link: SARIF reads "[text](target)" in plain text as one.
func plain(s string) string { return strings.ReplaceAll(s, "](", "] (") }
