package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// ErrNoTable says that a pyproject.toml has no settings for looptrace.
var ErrNoTable = errors.New("there is no table [tool.looptrace]")

// Read reads a configuration file. What is wrong with its text is an *Error.
func Read(path string, keys []Key) (*File, error) {
	data, _, err := readRegular(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return Parse(path, data, keys)
}

// Parse is Read for the text of a file.
func Parse(path string, data []byte, keys []Key) (*File, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r := &reader{file: &File{Path: path}, lines: strings.Split(string(data), "\n"), keys: keys}
	if at, deep := deepAt(data); deep {
		r.problem(at, "nested too deep", "")
		return nil, &Error{Path: path, Problems: r.problems}
	}
	var top map[string]toml.Primitive
	var err error
	if r.md, err = toml.Decode(string(data), &top); err != nil {
		return nil, r.syntax(err)
	}
	if filepath.Base(path) == pyproject {
		r.prefix = "tool.looptrace."
		for _, name := range []string{"tool", "looptrace"} {
			next := top[name]
			value, _ := r.look(next)
			if _, ok := value.(map[string]any); !ok {
				return nil, fmt.Errorf("%s: %w", path, ErrNoTable)
			}
			top = nil
			if err := r.md.PrimitiveDecode(next, &top); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	r.readAll("", top)
	if len(r.problems) > 0 {
		slices.SortFunc(r.problems, func(a, b Problem) int {
			if a.Pos == b.Pos {
				return cmp.Compare(a.Message, b.Message)
			}
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		return nil, &Error{Path: path, Problems: r.problems}
	}
	slices.SortFunc(r.file.Values, func(a, b Value) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Name, b.Name))
	})
	return r.file, nil
}

type reader struct {
	file     *File
	md       toml.MetaData
	lines    []string
	keys     []Key
	prefix   string // of tables, in a pyproject.toml
	problems []Problem
}

// probe takes any value, and refuses it: the refusal has the position, which MetaData does not tell otherwise.
type probe struct{ value any }

var errProbe = errors.New("probe")

func (p *probe) UnmarshalTOML(value any) error {
	p.value = value
	return errProbe
}

// look returns a value and where it stands.
func (r *reader) look(primitive toml.Primitive) (any, Position) {
	var p probe
	var parsed toml.ParseError
	if err := r.md.PrimitiveDecode(primitive, &p); errors.As(err, &parsed) {
		if parsed.Position.Line > 0 {
			return p.value, r.whole(r.position(parsed.Position))
		}
	}
	var inner map[string]toml.Primitive // a table that stands in the names of others only is where the first of them is
	first := Position{Line: 1, Col: 1, Len: 1}
	if _, ok := p.value.(map[string]any); ok && r.md.PrimitiveDecode(primitive, &inner) == nil {
		names := slices.Sorted(maps.Keys(inner))
		for i, name := range names[:min(len(names), maxProblems)] {
			if _, at := r.look(inner[name]); i == 0 || at.before(first) {
				first = at
			}
		}
	}
	return p.value, first
}

// whole makes the position of what is between quotation marks or behind a bracket cover these too.
func (r *reader) whole(at Position) Position {
	line := r.lines[at.Line-1]
	from, to := at.Col-2, at.Col-1+at.Len
	switch {
	case from < 0 || from >= len(line):
	case line[from] == '[':
		at.Col--
	case to < len(line) && line[from] == line[to] && strings.IndexByte("\"'", line[from]) >= 0:
		at.Col, at.Len = at.Col-1, at.Len+2
	}
	return at
}

func (p Position) before(q Position) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// maxProblems is how many problems are looked for. To find the position of one takes time that grows with the file.
const maxProblems = 20

func (r *reader) readAll(table string, keys map[string]toml.Primitive) {
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		if len(r.problems) < maxProblems {
			r.read(table, name, keys[name])
		}
	}
}

// read reads a key of a table, or a table.
func (r *reader) read(table, name string, primitive toml.Primitive) {
	value, at := r.look(primitive)
	if sub, ok := value.(map[string]any); ok && table == "" && r.isTable(name) {
		var inner map[string]toml.Primitive
		if err := r.md.PrimitiveDecode(primitive, &inner); err == nil && len(inner) == len(sub) {
			r.readAll(name, inner)
			return
		}
	}
	i := slices.IndexFunc(r.keys, func(k Key) bool { return k.Table == table && k.Name == name })
	if i < 0 {
		r.unknown(table, name, value, r.keyAt(name, at))
		return
	}
	key := r.keys[i]
	if key.Refused != "" {
		r.problem(r.keyAt(name, at), fmt.Sprintf("%s cannot be set in a file: %s", name, key.Refused), "")
		return
	}
	text, ok := key.Kind.text(value)
	if !ok {
		r.problem(at, fmt.Sprintf("%s takes %s, not %s", name, key.Kind, key.Kind.misfit(value)), example(key, value))
		return
	}
	r.file.Values = append(r.file.Values, Value{Table: table, Name: name, Text: text, Pos: r.keyAt(name, at)})
}

func (r *reader) isTable(name string) bool {
	return slices.ContainsFunc(r.keys, func(k Key) bool { return k.Table == name && name != "" })
}

// keyAt returns the position of the key that stands before a value, or in the header of a table.
func (r *reader) keyAt(name string, value Position) Position {
	if value.Line < 1 || value.Line > len(r.lines) {
		return value
	}
	line := r.lines[value.Line-1]
	before := line[:min(max(value.Col-1, 0), len(line))]
	at := strings.LastIndex(before, name)
	if at < 0 {
		at = strings.Index(line, name)
	}
	if at < 0 {
		return value
	}
	return Position{Line: value.Line, Col: at + 1, Len: len(name)}
}

// text returns a value as flags take it.
func (k Kind) text(value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, k == String || k == List // one element needs no brackets
	case bool:
		return []string{strconv.FormatBool(v)}, k == Bool
	case int64:
		return []string{strconv.FormatInt(v, 10)}, k == Int || k == Float
	case float64:
		return []string{strconv.FormatFloat(v, 'g', -1, 64)}, k == Float && !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		list := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := k.element().text(e)
			if !ok {
				return nil, false
			}
			list = append(list, s...)
		}
		return list, k == List || k == Ints
	}
	return nil, false
}

// String returns what a key of a kind takes, with its article.
func (k Kind) String() string {
	return [...]string{"a string", "true or false", "a whole number", "a string or a list of strings", "a list of whole numbers", "a number"}[k]
}

// element is the kind of what is in a list.
func (k Kind) element() Kind {
	if k == Ints {
		return Int
	}
	return String
}

// misfit says what a value is that a kind does not take.
func (k Kind) misfit(value any) string {
	if list, ok := value.([]any); ok && (k == List || k == Ints) {
		for _, e := range list {
			if _, fits := k.element().text(e); !fits {
				return "a list with " + typeName(e)
			}
		}
	}
	return typeName(value)
}

// typeName says what a value is, as Kind does.
func typeName(value any) string {
	switch value := value.(type) {
	case string:
		return "a string"
	case bool:
		return strconv.FormatBool(value)
	case int64:
		return "a whole number"
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return "nan or inf"
		}
		return "a number with a fraction"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "a list with a table"
	}
	return "a date or time"
}

// example returns a value as it should have been written, if that can be told from what was.
func example(key Key, value any) string {
	s, isString := value.(string)
	switch {
	case isString && (key.Kind == Int || key.Kind == Float || key.Kind == Bool):
		if _, err := strconv.Atoi(s); err == nil && key.Kind != Bool || s == "true" || s == "false" {
			return key.Name + " = " + s
		}
	case key.Kind == String:
		if text, _ := Int.text(value); len(text) == 1 {
			return key.Name + " = " + quote(text[0])
		}
	}
	return ""
}
