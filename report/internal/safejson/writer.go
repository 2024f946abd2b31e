package safejson

import (
	"io"
	"unicode/utf8"
)

// Writer writes a JSON text, which may come in pieces, as Escape would: a long report is not held once more. Flush writes
// what is left of a character whose other bytes did not come.
type Writer struct {
	w    io.Writer
	rest []byte // the beginning of a character
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// pieceBytes is how much is escaped at a time.
const pieceBytes = 64 << 10

// Write writes p. Errors are those of the writer below.
func (e *Writer) Write(p []byte) (int, error) {
	for at := 0; at < len(p); {
		to := min(at+pieceBytes, len(p))
		data := p[at:to]
		if len(e.rest) > 0 {
			data = append(e.rest, data...)
		}
		whole := wholeRunes(data)
		if _, err := e.w.Write(Escape(data[:whole])); err != nil {
			return at, err
		}
		e.rest = append([]byte(nil), data[whole:]...)
		at = to
	}
	return len(p), nil
}

// Flush writes what is left.
func (e *Writer) Flush() error {
	_, err := e.w.Write(Escape(e.rest))
	e.rest = nil
	return err
}

// wholeRunes returns how many bytes of data are no beginning of a character that goes on behind them.
func wholeRunes(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if at := len(data) - n; utf8.RuneStart(data[at]) {
			if !utf8.FullRune(data[at:]) {
				return at
			}
			break
		}
	}
	return len(data)
}
