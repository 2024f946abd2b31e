// Package gitlab writes findings as a Code Quality report of GitLab (docs.gitlab.com, "Code Quality report format"), which is
// a part of the Code Climate specification.
package gitlab

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/annotation"
	"github.com/looptrace/looptrace/report/internal/place"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Limits of a report: GitLab shows the description in one cell of a table.
const (
	issuesTaken  = 25_000
	contentBytes = 4000
)

// wholeTree is the path of what is in no file of the repository: its root.
const wholeTree = "."

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the report.
func Schema() string { return schema }

type issue struct {
	Type        string   `json:"type"`
	CheckName   string   `json:"check_name"`
	Description string   `json:"description"`
	Content     content  `json:"content"`
	Categories  []string `json:"categories"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type content struct {
	Body string `json:"body"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
}

// Render writes an array, empty if there are no findings. root is the directory that paths are told from, that of the
// repository. Errors are those of w.
func Render(w io.Writer, res *analyze.Result, root string) error {
	r := place.New(root, res.Run)
	issues := []issue{}
	given := map[string]int{}
	for i := range res.Findings[:min(len(res.Findings), issuesTaken)] {
		f := &res.Findings[i]
		made := convert(res, f, r)
		if given[f.Fingerprint]++; given[f.Fingerprint] > 1 { // GitLab takes equal ones for one
			made.Fingerprint += "-" + strconv.Itoa(given[f.Fingerprint])
		}
		issues = append(issues, made)
	}
	if n := len(res.Findings) - issuesTaken; n > 0 {
		issues = append(issues, remark("left-out", wording.Count(n, "more finding")+": looptrace report TRACE has them all."))
	}
	if missing := wording.Missing(&res.Run.Health); missing != "" {
		issues = append(issues, remark("incomplete", "incomplete recording: "+missing+"."))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(issues)
	if err == nil {
		out := bufio.NewWriter(w)
		_, _ = out.Write(safejson.Escape(b.Bytes())) // the error is Flush's
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write code quality report: %w", err)
	}
	return nil
}

func convert(res *analyze.Result, f *analyze.Finding, r place.Root) issue {
	p := annotation.Phraser(res, f)
	out := issue{
		Type: "issue", CheckName: f.Rule, Description: annotation.Stop(p.Text(f.Message)),
		Content:    content{annotation.Text(annotation.Lines(res, f), contentBytes)},
		Categories: []string{"Bug Risk"}, Fingerprint: f.Fingerprint, Severity: severity(f.Severity),
		Location: location{Path: wholeTree, Lines: lines{1}},
	}
	if f.Fix.Summary != "" {
		out.Description += " Fix: " + annotation.Stop(p.Text(f.Fix.Summary))
	}
	at := r.Blame(f, res.Run)
	if at == nil {
		return out
	}
	if file, ok := r.Path(at.File, f.Process); ok {
		out.Location = location{Path: file, Lines: lines{at.Line}}
	} else {
		out.Description += " At " + annotation.Stop(p.Place(at))
	}
	return out
}

func severity(s analyze.Severity) string {
	switch s {
	case analyze.Error:
		return "critical"
	case analyze.Warning:
		return "minor"
	}
	return "info"
}

// remark is an issue about the report itself.
func remark(fingerprint, text string) issue {
	return issue{
		Type: "issue", CheckName: "looptrace", Description: text, Content: content{text}, Categories: []string{"Bug Risk"},
		Fingerprint: fingerprint, Severity: "info", Location: location{Path: wholeTree, Lines: lines{1}},
	}
}
