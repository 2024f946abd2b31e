package baseline

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// SyntaxError is what is wrong with a baseline, and where.
type SyntaxError struct {
	File         string
	Line, Column int // from 1; the column counts bytes
	Reason       string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// Read reads a baseline called name. rules are the ids that exist. Nothing is guessed: unknown and repeated keys, values of
// another kind and entries that come twice are errors. An error is a *SyntaxError or one of reading.
func Read(r io.Reader, name string, rules []string) (*File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read baseline %s: %w", name, err)
	}
	p := &parser{name: name, data: data, dec: json.NewDecoder(bytes.NewReader(data)), rules: rules}
	p.dec.UseNumber()
	if len(data) > maxBytes {
		return nil, p.errorf(maxBytes, "larger than %d bytes", maxBytes)
	}
	f := &File{Name: name}
	if err := p.file(f); err != nil {
		return nil, err
	}
	return f, nil
}

type parser struct {
	name  string
	data  []byte
	dec   *json.Decoder
	rules []string
	at    int // offset of the last token
}

func (p *parser) errorf(offset int, format string, args ...any) error {
	before := p.data[:min(offset, len(p.data))]
	return &SyntaxError{
		File: p.name, Line: 1 + bytes.Count(before, []byte("\n")), Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Reason: fmt.Sprintf(format, args...),
	}
}

// next returns where the next token begins.
func (p *parser) next() int {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	return at
}

// token returns the next token and remembers where it begins.
func (p *parser) token() (json.Token, error) {
	p.at = p.next()
	t, err := p.dec.Token()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, p.errorf(p.at, "no JSON: %s", syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, p.errorf(len(p.data), "it ends too early")
	case err != nil:
		return nil, p.errorf(p.at, "no JSON: %s", err)
	}
	return t, nil
}

func (p *parser) open(d json.Delim, what string) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	if t != d {
		return p.errorf(p.at, "%s is not %s", what, map[json.Delim]string{'{': "an object", '[': "a list"}[d])
	}
	return nil
}

// object reads an object whose keys are known; each reads its value. It returns the keys that it had.
func (p *parser) object(what string, fields map[string]func() error) ([]string, error) {
	if err := p.open('{', what); err != nil {
		return nil, err
	}
	var had []string
	for {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		if t == json.Delim('}') {
			return had, nil
		}
		name, _ := t.(string) // a key is a string: the decoder sees to that
		read := fields[name]
		switch {
		case read == nil:
			return nil, p.errorf(p.at, "there is no key %q in %s", name, what)
		case slices.Contains(had, name):
			return nil, p.errorf(p.at, "%q comes twice", name)
		}
		had = append(had, name)
		if err := read(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) file(f *File) error {
	schema := ""
	had, err := p.object("a baseline", map[string]func() error{
		"schema": func() error {
			if err := p.text("schema", &schema); err != nil {
				return err
			}
			if schema != SchemaName {
				return p.errorf(p.at, "the schema is %q, not %q: another version of looptrace wrote it", schema, SchemaName)
			}
			return nil
		},
		"findings": func() error { return p.entries(f) },
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"schema", "findings"} {
		if !slices.Contains(had, name) {
			return p.errorf(0, "no baseline: it has no %q", name)
		}
	}
	p.at = int(p.dec.InputOffset())
	if rest := bytes.TrimLeft(p.data[p.at:], " \t\r\n"); len(rest) > 0 {
		return p.errorf(len(p.data)-len(rest), "something follows the end")
	}
	return nil
}

func (p *parser) entries(f *File) error {
	if err := p.open('[', "findings"); err != nil {
		return err
	}
	lines := map[key]int{}
	for p.dec.More() {
		if len(f.Entries) == maxEntries {
			return p.errorf(int(p.dec.InputOffset()), "more than %d entries", maxEntries)
		}
		begin := p.next()
		e, err := p.entry()
		if err != nil {
			return err
		}
		if line := lines[e.key()]; line > 0 {
			return p.errorf(begin, "the entry of line %d again: make one of them, with the sum of their counts", line)
		}
		lines[e.key()] = e.Line
		f.Entries = append(f.Entries, *e)
	}
	_, err := p.token()
	return err
}

func (p *parser) entry() (*Entry, error) {
	e := &Entry{}
	begin := p.next()
	had, err := p.object("an entry", map[string]func() error{
		"rule": func() error {
			if err := p.text("rule", &e.Rule); err != nil {
				return err
			}
			if !slices.Contains(p.rules, e.Rule) {
				return p.errorf(p.at, "there is no rule %q", e.Rule)
			}
			return nil
		},
		"path":       func() error { return p.text("path", &e.Path) },
		"function":   func() error { return p.text("function", &e.Function) },
		"test":       func() error { return p.text("test", &e.Test) },
		"count":      func() error { return p.count(&e.Count) },
		"coroutines": func() error { return p.texts("coroutines", &e.Coros) },
		"fingerprint": func() error { // what is matched is the identity
			if err := p.text("fingerprint", &e.Hash); err != nil {
				return err
			}
			if raw, err := hex.DecodeString(e.Hash); err != nil || len(raw) != 32 {
				return p.errorf(p.at, "fingerprint is none")
			}
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"rule", "path", "function", "count"} {
		if !slices.Contains(had, name) {
			return nil, p.errorf(begin, "the entry has no %q", name)
		}
	}
	e.Line = 1 + bytes.Count(p.data[:begin], []byte("\n"))
	return e, nil
}

func (p *parser) text(what string, to *string) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	s, ok := t.(string)
	if !ok {
		return p.errorf(p.at, "%s is no string", what)
	}
	*to = s
	return nil
}

// texts reads a list of strings; the result is sorted, without repetitions, and never nil.
func (p *parser) texts(what string, to *[]string) error {
	if err := p.open('[', what); err != nil {
		return err
	}
	list := []string{}
	for p.dec.More() {
		var s string
		if err := p.text("a member of "+what, &s); err != nil {
			return err
		}
		if len(list) == maxCoros {
			return p.errorf(p.at, "more than %d %s", maxCoros, what)
		}
		list = append(list, s)
	}
	slices.Sort(list)
	*to = slices.Compact(list)
	_, err := p.token()
	return err
}

func (p *parser) count(to *int) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	number, ok := t.(json.Number)
	n, err := number.Int64()
	if !ok || err != nil || n < 1 || n > maxCount {
		return p.errorf(p.at, "count is no whole number from 1 to %d", maxCount)
	}
	*to = int(n)
	return nil
}
