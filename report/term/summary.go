package term

import (
	"bytes"
	"cmp"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// prefix leads every line that looptrace writes beside the output of the recorded program.
const prefix = "looptrace: "

// Summary writes the short form for the end of a recording: the verdict, the place, the trace file, and what to type next.
// Each line begins with "looptrace: ".
func Summary(w io.Writer, res *analyze.Result, trace string, o Options) error {
	var b bytes.Buffer
	if o.Width > 0 {
		o.Width = max(o.Width-len(prefix), 20)
	}
	p := newPrinter(&b, o, res.Run)
	if len(res.Findings) == 0 {
		p.clear(res.Run, wording.Accepted(res)+"; trace: "+wording.Clean(trace, o.ASCII)) // one line when nothing is wrong
	} else {
		p.shortFindings(res)
	}
	if stale := wording.Stale(res); stale != "" {
		p.linef("baseline: %s", stale)
	}
	p.health(&res.Run.Health)
	if len(res.Findings) > 0 {
		p.linef("trace: %s", wording.Clean(trace, o.ASCII))
		p.linef("next:  looptrace report %s", wording.Clean(shellWord(trace), o.ASCII))
	}
	if p.err != nil {
		return p.err
	}
	var out bytes.Buffer
	for line := range bytes.Lines(b.Bytes()) {
		out.WriteString(prefix)
		out.Write(line)
	}
	_, err := w.Write(out.Bytes())
	return err
}

func (p *printer) shortFindings(res *analyze.Result) {
	f := &res.Findings[0]
	p.About(res.Run, f.Process)
	p.verdict(f)
	if len(f.Tests) > 0 {
		p.item(2, "in test "+p.Tests(f.Tests))
	}
	if f.At != nil {
		p.item(2, "at "+p.WithSource(f.At))
	}
	if len(f.Messages) > 0 {
		p.paragraph("  ", plainText, p.Text(f.Messages[0]), plainText, 4)
	}
	if f.Fix.Summary != "" {
		p.paragraph("  fix: ", green, p.Text(f.Fix.Summary), plainText, 4)
	}
	if len(res.Findings) > 1 || len(res.Silenced) > 0 {
		p.linef("%s%s%s", wording.FindingCounts(res), cmp.Or(wording.InTests(res), " in all"), wording.Accepted(res))
	}
}

// shellWord quotes a file name for a POSIX shell where it needs it.
func shellWord(s string) string {
	safe := s != "" && s[0] != '-'
	for i := range len(s) {
		c := s[i]
		if !wording.WordByte(c) && c != '/' && c != '.' && c != '-' && c != '+' && c != ',' && c != ':' && c != '=' && c != '@' && c != '%' {
			safe = false
		}
	}
	if safe {
		return s
	}
	quoted := []byte{'\''}
	for i := range len(s) {
		if s[i] == '\'' {
			quoted = append(quoted, `'\''`...)
			continue
		}
		quoted = append(quoted, s[i])
	}
	return string(append(quoted, '\''))
}
