// Package jsonreport writes a result in the form that other programs read: schema looptrace.report/v1.
package jsonreport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// SchemaName is the value of the report's first field.
const SchemaName = "looptrace.report/v1"

// Render writes the report. The order of fields is that of the types below, and lists are never null. Lists of the top level
// are written entry by entry: a text of hundreds of MB is never in memory.
func Render(w io.Writer, res *analyze.Result) error {
	p := &pieces{w: w}
	p.enc = json.NewEncoder(&p.buf)
	p.enc.SetEscapeHTML(false)
	doc := reflect.ValueOf(convert(res))
	p.text("{")
	first := true
	for i := range doc.NumField() {
		name, omitEmpty := strings.CutSuffix(doc.Type().Field(i).Tag.Get("json"), ",omitempty")
		value := doc.Field(i)
		if omitEmpty && value.Len() == 0 {
			continue
		}
		if !first {
			p.text(",")
		}
		first = false
		p.text("\n  \"" + name + "\": ")
		if value.Kind() == reflect.Slice && value.Len() > 0 {
			p.list(value)
		} else {
			p.value("  ", value)
		}
	}
	p.text("\n}\n")
	p.flush()
	if p.err != nil {
		return fmt.Errorf("write json report: %w", p.err)
	}
	return nil
}

// pieces collects a text and writes it piece by piece. After an error it does nothing.
type pieces struct {
	w   io.Writer
	buf bytes.Buffer
	enc *json.Encoder
	err error
}

const pieceBytes = 1 << 16

func (p *pieces) text(s string) { p.buf.WriteString(s) }

// value writes one value whose lines begin with prefix.
func (p *pieces) value(prefix string, v reflect.Value) {
	if p.err != nil {
		return
	}
	p.enc.SetIndent(prefix, "  ")
	if p.err = p.enc.Encode(v.Interface()); p.err == nil {
		p.buf.Truncate(p.buf.Len() - 1) // the encoder's end of line
	}
	if p.buf.Len() >= pieceBytes {
		p.flush()
	}
}

func (p *pieces) list(v reflect.Value) {
	p.text("[")
	for i := range v.Len() {
		if i > 0 {
			p.text(",")
		}
		p.text("\n    ")
		p.value("    ", v.Index(i))
	}
	p.text("\n  ]")
}

func (p *pieces) flush() {
	if p.err == nil {
		_, p.err = p.w.Write(p.buf.Bytes())
	}
	p.buf.Reset()
}
