// Package jsonreport writes a result in the form that other programs read: schema looptrace.report/v1.
package jsonreport

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/analyze"
)

// SchemaName is the value of the report's first field.
const SchemaName = "looptrace.report/v1"

// Render writes the report. The order of fields is that of the types below, and lists are never null.
func Render(w io.Writer, res *analyze.Result) error {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(convert(res)); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	return nil
}
