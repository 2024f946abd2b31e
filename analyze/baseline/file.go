package baseline

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/looptrace/looptrace/analyze"
)

// SchemaName is the value of a baseline's first field.
const SchemaName = "looptrace.baseline/v1"

// FileName is what a baseline is called where nobody calls it something else. It is read only if somebody names it.
const FileName = ".looptrace-baseline.json"

// Limits of what is read and written.
const (
	maxBytes   = 64 << 20
	maxEntries = 100_000
	maxCount   = 1_000_000
	maxCoros   = 10_000 // of one entry
)

// Entry accepts findings.
type Entry struct {
	analyze.Identity
	Test  string   // that they are from, as its runner names it; "" if they are from none
	Coros []string // of their tasks, sorted; a finding about tasks of others is new. nil: any
	Count int      // how many, at least 1
	Hash  string   // the fingerprint of the first one, for those who look an alert up; "" if that is not known
	Line  int      // in the file; 0 for one that was not read
}

// File is a baseline.
type File struct {
	Name    string // of the file, for messages
	Entries []Entry
}

// key is what an entry is found by.
type key struct {
	analyze.Identity
	test string
}

func (e *Entry) key() key { return key{e.Identity, e.Test} }

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.test, b.test))
}

// String returns what an entry is about: "pending-at-close at app.py in main".
func (e *Entry) String() string {
	text := e.Rule
	if e.Path != "" {
		text += " at " + e.Path
	}
	if e.Function != "" {
		text += " in " + e.Function
	}
	if e.Test != "" {
		text += " of " + e.Test
	}
	return text
}

// Write writes the file: sorted, one line for each entry, and nothing that is not about the findings, so that two baselines
// of the same findings are equal and two branches rarely conflict.
func (f *File) Write(w io.Writer) error {
	if len(f.Entries) > maxEntries {
		return fmt.Errorf("write baseline: %d entries are too many, %d may be in one", len(f.Entries), maxEntries)
	}
	sorted := slices.Clone(f.Entries)
	slices.SortFunc(sorted, func(a, b Entry) int { return compareKeys(a.key(), b.key()) })
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"schema\": %s,\n  \"findings\": [", quote(SchemaName))
	for i := range sorted {
		e := &sorted[i]
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    {\"rule\": %s, \"path\": %s, \"function\": %s, ", quote(e.Rule), quote(e.Path), quote(e.Function))
		if e.Test != "" {
			fmt.Fprintf(&b, "\"test\": %s, ", quote(e.Test))
		}
		if e.Coros != nil {
			fmt.Fprintf(&b, "\"coroutines\": [%s], ", quoteAll(e.Coros))
		}
		fmt.Fprintf(&b, "\"count\": %d", e.Count)
		if e.Hash != "" {
			fmt.Fprintf(&b, ", \"fingerprint\": %s", quote(e.Hash))
		}
		b.WriteByte('}')
	}
	if len(sorted) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	if b.Len() > maxBytes {
		return fmt.Errorf("write baseline: %d bytes are too many, %d may be in one", b.Len(), maxBytes)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	return strings.Join(quoted, ", ")
}

// quote returns a JSON string in which nothing acts on a terminal: a function may be called what it likes.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
