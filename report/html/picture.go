package html

import (
	"fmt"
	"path"

	"github.com/looptrace/looptrace/analyze"

	"github.com/looptrace/looptrace/report/internal/wording"
)

// nodesShown bounds the nodes of one picture; what is not drawn is told in words.
const nodesShown = 150

// Sizes in the pictures, whose letters are all of one width, in pixels.
const (
	letter     = 7.3
	lineHeight = 26
)

// picture is a drawing of boxes or lines of text and of what connects them. The template writes it as SVG.
type picture struct {
	Name, Title, About string
	Width, Height      int
	Lines              []line
	Nodes              []node
	Told               string // what is not drawn
}

// line connects two nodes.
type line struct {
	Path, Class string
	Arrow       string // id of the marker at its end, "" for none
	X, Y        int    // of its title, where it has an arrow
	Title       string
}

// node is a box with lines of text, or without a box where its width is 0.
type node struct {
	X, Y, W, H int
	Class      string
	Title      string // what a screen reader says
	Dot        *dot
	Rows       []row
}

// dot stands before a line of text; its letter says what its colour says.
type dot struct {
	X, Y          int
	Class, Letter string
}

type row struct {
	X, Y   int
	Pieces []piece
}

type piece struct {
	Text, Class string
	DX          int
}

// columnsOf returns the pixels that text takes.
func columnsOf(text string) int { return int(float64(wording.Width(text)) * letter) }

// add appends a piece of text and returns the pixels that it takes.
func (r *row) add(text, class string) int {
	if text == "" {
		return 0
	}
	width, dx := columnsOf(text), 0
	if len(r.Pieces) > 0 {
		dx = 4
		width += dx + columnsOf(" ") // for whoever copies the text
	}
	r.Pieces = append(r.Pieces, piece{text, class, dx})
	return width
}

// brief returns "app.py:8 in fetch" for a box: the file without its directories.
func (b *builder) brief(f *analyze.Frame) string {
	short := *f
	short.File = path.Base(f.File)
	return b.Place(&short)
}

// elbow leads from below a node to the left of one that stands lower and further right.
func elbow(x1, y1, x2, y2 int) string {
	return fmt.Sprintf("M%d %dV%dQ%d %d %d %dH%d", x1, y1, y2-6, x1, y2, x1+6, y2, x2)
}
