package config

import "bytes"

// maxDepth is how deep values may be nested, and of how many parts a key may be. The parser's memory grows with the square
// of either, and a file that was found may have come from anybody.
const maxDepth = 32

// deepAt returns the position of what is nested too deep in a text, or has too many parts; false if nothing is.
func deepAt(text []byte) (Position, bool) {
	depth, dots, line, began := 0, 0, 1, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			end := i + stringLength(text[i:])
			line += bytes.Count(text[i:end], []byte("\n"))
			i = end - 1
		case '#':
			if end := bytes.IndexByte(text[i:], '\n'); end >= 0 {
				i += end - 1
			} else {
				i = len(text)
			}
		case '\n':
			line, began, dots = line+1, i+1, 0
		case '[', '{':
			depth, dots = depth+1, 0
		case ']', '}':
			depth, dots = max(0, depth-1), 0
		case '=', ',':
			dots = 0
		case '.':
			dots++
		}
		if depth > maxDepth || dots > maxDepth {
			return Position{Line: line, Col: max(1, i-began+1), Len: 1}, true
		}
	}
	return Position{}, false
}

// stringLength returns the length of the string that a text begins with, quotation marks included. One that does not end
// on its line, where it has to, goes up to there.
func stringLength(text []byte) int {
	mark := text[:1]
	if triple := bytes.Repeat(mark, 3); bytes.HasPrefix(text, triple) {
		mark = triple
	}
	for i := len(mark); i < len(text); i++ {
		switch {
		case text[i] == '\\' && mark[0] == '"':
			i++
		case text[i] == '\n' && len(mark) == 1:
			return i
		case bytes.HasPrefix(text[i:], mark):
			return i + len(mark)
		}
	}
	return len(text)
}
