package jsonreport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// maxReport bounds a report that is read, in bytes.
const maxReport = 256 << 20

// ReadError is what is wrong with a report, and where.
type ReadError struct {
	File         string
	Line, Column int // from 1; 0 where it is about values that are well-formed
	Reason       string
	Hint         string // what to do about it; "" if there is nothing to say
}

func (e *ReadError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// document is the parts of a report that are read.
type document struct {
	schema    string
	run       run
	processes []process
	loops     []struct {
		ID      int    `json:"id"`
		Process int    `json:"process"`
		Class   string `json:"class"`
	}
	closes   []readClose
	tasks    []readTask
	findings []finding
	health   health
	silenced []silenced
	unused   []suppression
	sites    []spawnSite
	tests    []test
}

type readClose struct {
	Loop     *int       `json:"loop"`
	Process  int        `json:"process"`
	TimeNS   int64      `json:"time_ns"`
	Outcome  *string    `json:"outcome"`
	Implicit bool       `json:"implicit"`
	Site     *frame     `json:"site"`
	Live     []readLive `json:"live"`
}

type readLive struct {
	Task int `json:"task"`
}

type readTask struct {
	ID      int    `json:"id"`
	Process int    `json:"process"`
	Loop    *int   `json:"loop"`
	Name    string `json:"name"`
	Coro    string `json:"coro"`
	Outcome string `json:"outcome"`
}

// Read reads a report that Render wrote, called name: what two runs are compared by, not the stacks and stories of tasks.
// Fields that it does not know are passed over, for they may be added; everything else must be as the schema says. An error is
// a *ReadError or one of reading. The memory that it takes is bounded by the size of the report.
func Read(r io.Reader, name string) (*analyze.Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxReport+1))
	if err != nil {
		return nil, fmt.Errorf("read report %s: %w", name, err)
	}
	p := &reader{name: name, data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	if len(data) > maxReport {
		return nil, p.at(maxReport, "the report is larger than %d bytes", maxReport)
	}
	doc, err := p.document()
	if err != nil {
		return nil, err
	}
	res, err := doc.result()
	if err != nil {
		return nil, &ReadError{File: name, Reason: err.Error()}
	}
	return res, nil
}

// reader goes through the top level of a report, so that no list is in memory twice.
type reader struct {
	name string
	data []byte
	dec  *json.Decoder
}

func (p *reader) at(offset int, format string, args ...any) *ReadError {
	before := p.data[:min(max(offset, 0), len(p.data))]
	return &ReadError{
		File: p.name, Line: 1 + bytes.Count(before, []byte("\n")), Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Reason: fmt.Sprintf(format, args...),
	}
}

// failed says where and why the decoder stopped, within the part that path names.
func (p *reader) failed(start int, path string, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		if kind.Field != "" {
			path += "." + kind.Field
		}
		return p.at(start, "%s is %s, not %s", path, kind.Value, kindName(kind.Type))
	case errors.As(err, &syntax):
		// A decoder counts from somewhere within; the whole text again has the true place.
		if !errors.As(json.Unmarshal(p.data, new(json.RawMessage)), &syntax) {
			return p.at(start, "no JSON: %s", syntax)
		}
		return p.at(int(syntax.Offset)-1, "no JSON: %s", syntax)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.at(len(p.data), "the report ends too early")
	}
	return p.at(start, "no JSON: %s", err)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a truth value"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number in range"
}

// next returns where the next value begins.
func (p *reader) next() int {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *reader) token(path string) (json.Token, error) {
	start := p.next()
	t, err := p.dec.Token()
	if err != nil {
		return nil, p.failed(start, path, err)
	}
	return t, nil
}

func (p *reader) document() (*document, error) {
	doc := &document{}
	if t, err := p.token("the report"); err != nil {
		return nil, err
	} else if t != json.Delim('{') {
		return nil, p.at(0, "no report: it does not begin with {")
	}
	parts := doc.parts(p)
	seen := map[string]bool{}
	for p.dec.More() {
		start := p.next()
		t, err := p.token("the report")
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if seen[key] {
			return nil, p.at(start, "%q comes twice", key)
		}
		seen[key] = true
		read := parts[key]
		if read == nil {
			read = func(string) error { return p.value("", new(json.RawMessage)) }
		}
		if err := read(key); err != nil {
			return nil, err
		}
	}
	if _, err := p.token("the report"); err != nil {
		return nil, err
	}
	rest := bytes.TrimLeft(p.data[p.dec.InputOffset():], " \t\r\n")
	return doc, p.complete(doc, seen, rest)
}

// complete refuses what is no whole report.
func (p *reader) complete(doc *document, seen map[string]bool, rest []byte) error {
	switch {
	case !seen["schema"]:
		return p.at(0, "no report: it has no \"schema\"")
	case len(rest) > 0:
		return p.at(len(p.data)-len(rest), "something follows the end of the report")
	}
	for _, key := range []string{"run", "processes", "loops", "closes", "tasks", "findings", "health"} {
		if !seen[key] {
			return p.at(0, "the report has no %q", key)
		}
	}
	return nil
}

// parts says how each part of a report is read.
func (d *document) parts(p *reader) map[string]func(string) error {
	return map[string]func(string) error{
		"schema":              func(key string) error { return p.schema(key, &d.schema) },
		"run":                 func(key string) error { return p.value(key, &d.run) },
		"health":              func(key string) error { return p.value(key, &d.health) },
		"processes":           func(key string) error { return readList(p, key, &d.processes) },
		"loops":               func(key string) error { return readList(p, key, &d.loops) },
		"closes":              func(key string) error { return readList(p, key, &d.closes) },
		"tasks":               func(key string) error { return readList(p, key, &d.tasks) },
		"findings":            func(key string) error { return readList(p, key, &d.findings) },
		"silenced":            func(key string) error { return readList(p, key, &d.silenced) },
		"unused_suppressions": func(key string) error { return readList(p, key, &d.unused) },
		"sites":               func(key string) error { return readList(p, key, &d.sites) },
		"tests":               func(key string) error { return readList(p, key, &d.tests) },
	}
}

func (p *reader) value(path string, to any) error {
	start := p.next()
	if err := p.dec.Decode(to); err != nil {
		return p.failed(start, path, err)
	}
	return nil
}

func (p *reader) schema(key string, to *string) error {
	start := p.next()
	if err := p.value(key, to); err != nil {
		return err
	}
	if *to != SchemaName {
		err := p.at(start, "the schema is %q, not %q", *to, SchemaName)
		err.Hint = "looptrace report --format json makes it from the trace"
		return err
	}
	return nil
}

// readList reads a list element by element.
func readList[T any](p *reader, path string, to *[]T) error {
	start := p.next()
	t, err := p.token(path)
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return p.at(start, "%s is not a list", path)
	}
	for p.dec.More() {
		var v T
		if err := p.value(fmt.Sprintf("%s[%d]", path, len(*to)), &v); err != nil {
			return err
		}
		*to = append(*to, v)
	}
	_, err = p.token(path)
	return err
}
