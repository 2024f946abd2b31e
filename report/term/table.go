package term

import (
	"bytes"
	"io"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/looptrace/looptrace/report/internal/wording"
)

// column is one column of a table.
type column struct {
	title string
	right bool
	give  bool // may be shortened when the table is too wide
	path  bool // is shortened in its middle, not at its end
}

// columnGap is what stands between columns. It is the column symbol, for paddings longer than one character make this
// version of tablewriter cut cells.
const columnGap = "  "

// leastColumns is how narrow a column may become before the table is left too wide.
const leastColumns = 8

// table writes rows of clean text in columns without any ruling, each shortened so that the whole fits the width.
func (p *printer) table(columns []column, rows [][]string) {
	p.fitTable(columns, rows)
	var b bytes.Buffer
	if err := drawTable(&b, columns, rows); err != nil {
		p.fail(err)
		return
	}
	first := true
	for line := range bytes.Lines(b.Bytes()) {
		text := string(bytes.TrimRight(line, " \n"))
		if first {
			text = p.o.paint(bold, text)
		}
		first = false
		p.linef("%s", text)
	}
}

func (p *printer) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func drawTable(w io.Writer, columns []column, rows [][]string) error {
	align := make([]tw.Align, len(columns))
	titles := make([]string, len(columns))
	for i, c := range columns {
		align[i], titles[i] = tw.AlignLeft, c.title
		if c.right {
			align[i] = tw.AlignRight
		}
	}
	none := tw.Padding{Overwrite: true}
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapNone, AutoFormat: tw.Off},
		Padding:    tw.CellPadding{Global: none},
		Alignment:  tw.CellAlignment{PerColumn: align},
	}
	t := tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbolCustom("blank").WithColumn(columnGap),
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.Separators{BetweenColumns: tw.On, ShowHeader: tw.Off, ShowFooter: tw.Off, BetweenRows: tw.Off}},
		})),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell, Behavior: tw.Behavior{TrimSpace: tw.Off}}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithEastAsian(tw.Off),
	)
	t.Header(titles)
	if err := t.Bulk(rows); err != nil {
		return err
	}
	return t.Render()
}

// fitTable shortens the cells of the widest columns that may give until the table fits.
func (p *printer) fitTable(columns []column, rows [][]string) {
	if p.o.Width <= 0 {
		return
	}
	widths := columnWidths(columns, rows)
	for total := tableWidth(columns, rows); total > p.o.Width; total-- {
		widest := -1
		for i, c := range columns {
			if c.give && widths[i] > max(leastColumns, wording.Width(c.title)) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	for _, r := range rows {
		for i, c := range columns {
			if c.path {
				r[i] = wording.Middle(r[i], widths[i], p.o.ASCII)
			} else {
				r[i] = wording.End(r[i], widths[i], p.o.ASCII)
			}
		}
	}
}

// columnWidths returns what each column takes unshortened.
func columnWidths(columns []column, rows [][]string) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = wording.Width(c.title)
		for _, r := range rows {
			widths[i] = max(widths[i], wording.Width(r[i]))
		}
	}
	return widths
}

// tableWidth returns what a table takes unshortened.
func tableWidth(columns []column, rows [][]string) int {
	total := len(columnGap) * (len(columns) - 1)
	for _, w := range columnWidths(columns, rows) {
		total += w
	}
	return total
}
