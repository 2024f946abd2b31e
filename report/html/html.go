// Package html renders a result as one HTML file that needs nothing else: the findings as the text report has them, readable
// without JavaScript, the task tree and the wait-for graph as pictures, and the run as a timeline.
//
// The page is made in three parts. A template writes the markup (page.gohtml), and escapes whatever came from the trace. The
// data of the timeline follows: what is said in words as JSON (meta.go), numbers as columns (columns.go, table.go, encode.go).
// Then comes the program that draws it, built from app/. The policy in the page's head lets only that program run, and lets
// nothing be loaded.
package html

import (
	"bufio"
	"io"

	"github.com/looptrace/looptrace/analyze"
)

// Render writes res as an HTML page. It reads nothing but res, which should have a timeline, and writes nothing but w.
func Render(w io.Writer, res *analyze.Result) error {
	out := bufio.NewWriterSize(w, 64<<10)
	app, err := appScript()
	if err != nil {
		return err
	}
	m, cols := encode(res)
	if err := writePage(out, res, m, app); err != nil {
		return err
	}
	if err := writeData(out, m, cols); err != nil {
		return err
	}
	for _, part := range []string{"<script>", app, "</script>\n</body>\n</html>\n"} {
		if _, err := out.WriteString(part); err != nil {
			return err
		}
	}
	return out.Flush()
}

// writeData writes the data of the timeline. html/template would escape the + of base64 in a script that is no JavaScript.
func writeData(out *bufio.Writer, m *meta, cols *columns) error {
	words, err := m.write()
	if err != nil {
		return err
	}
	out.WriteString(`<script type="application/json" id="lt-meta">`)
	out.Write(words)
	out.WriteString("</script>\n" + `<script type="application/x-looptrace" id="lt-data">`)
	if err := cols.write(out); err != nil {
		return err
	}
	_, err = out.WriteString("</script>\n") // it remembers the errors before
	return err
}
