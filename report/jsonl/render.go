// Package jsonl writes a result as JSON lines: the objects of the JSON report, one a line, for programs that stream.
package jsonl

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/safejson"
	"github.com/looptrace/looptrace/report/jsonreport"
)

// SchemaName is the value of "schema" in the first line.
const SchemaName = "looptrace.lines/v1"

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a line. It refers to that of package jsonreport.
func Schema() string { return schema }

// Render writes the lines; the first has the type "run". Errors are those of w.
func Render(w io.Writer, res *analyze.Result) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := jsonreport.Lines(res, SchemaName, func(line any) error {
		b.Reset()
		if err := enc.Encode(line); err != nil {
			return err
		}
		_, err := out.Write(safejson.Escape(b.Bytes()))
		return err
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write json lines: %w", err)
	}
	return nil
}
