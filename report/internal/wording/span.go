package wording

import (
	"regexp"
	"strings"
)

// chained matches a further call of what a call returned: "().run(".
var chained = regexp.MustCompile(`^\.\w+\(`)

// Span returns where in a source line the call of the first needle that occurs stands, its receiver and arguments
// included: for "close" in "if x: self.loop.close()" the bytes of "self.loop.close()". Without any it is the statement.
func Span(text string, needles []string) (from, to int) {
	code := blankStrings(stripComment(text))
	for _, needle := range needles {
		if needle == "" {
			continue
		}
		if at := findCall(code, needle); at >= 0 {
			return receiver(code, at), closing(code, at+len(needle))
		}
	}
	if at := findWord(code, "await"); at >= 0 {
		if open := strings.IndexByte(code[at:], '('); open >= 0 {
			to = closing(code, at+open)
			for m := chained.FindStringIndex(code[to:]); m != nil; m = chained.FindStringIndex(code[to:]) {
				to = closing(code, to+m[1]-1)
			}
			return at, to
		}
	}
	return 0, max(len(code), 1)
}

// findCall returns where needle is called in code, -1 if nowhere.
func findCall(code, needle string) int {
	for at := 0; ; {
		i := strings.Index(code[at:], needle)
		if i < 0 {
			return -1
		}
		at += i
		after := at + len(needle)
		if (at == 0 || !WordByte(code[at-1])) && after < len(code) && code[after] == '(' {
			return at
		}
		at = after
	}
}

func findWord(code, word string) int {
	for at := 0; ; {
		i := strings.Index(code[at:], word)
		if i < 0 {
			return -1
		}
		at += i
		after := at + len(word)
		if (at == 0 || !WordByte(code[at-1])) && (after == len(code) || !WordByte(code[after])) {
			return at
		}
		at = after
	}
}

func WordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// receiver moves from the name of a method left over the dotted and called expression it is taken from.
func receiver(code string, at int) int {
	for at > 0 && code[at-1] == '.' {
		at--
		for at > 0 && (code[at-1] == ')' || code[at-1] == ']') {
			open := opening(code, at-1)
			if open < 0 {
				return at
			}
			at = open
		}
		for at > 0 && WordByte(code[at-1]) {
			at--
		}
	}
	return at
}

// opening returns where the bracket that ends at the given place was opened, -1 if not in this line.
func opening(code string, at int) int {
	depth := 0
	for i := at; i >= 0; i-- {
		switch code[i] {
		case ')', ']':
			depth++
		case '(', '[':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// closing returns the place after the bracket that closes the one opened at the given place; the end of the line if it is
// closed on a later one.
func closing(code string, at int) int {
	depth := 0
	for i := at; i < len(code); i++ {
		switch code[i] {
		case '\'', '"':
			i = stringEnd(code, i)
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return len(code)
}

// stringEnd returns the place of the quote that ends the string literal begun at the given place.
func stringEnd(code string, at int) int {
	for i := at + 1; i < len(code); i++ {
		switch code[i] {
		case '\\':
			i++
		case code[at]:
			return i
		}
	}
	return len(code)
}

// blankStrings replaces the contents of string literals, so that nothing in them looks like code.
func blankStrings(code string) string {
	out := []byte(code)
	for i := 0; i < len(code); i++ {
		if code[i] != '\'' && code[i] != '"' {
			continue
		}
		last := stringEnd(code, i)
		for i++; i < min(last, len(code)); i++ {
			out[i] = '_'
		}
	}
	return string(out)
}

// stripComment cuts a Python comment and the blanks before it off a source line.
func stripComment(code string) string {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '\'', '"':
			i = stringEnd(code, i)
		case '#':
			return strings.TrimRight(code[:i], " ")
		}
	}
	return code
}

// Clip shortens a source line to a number of columns so that the span stays in it, and returns where it is then.
func Clip(text string, from, to, columns int, ascii bool) (string, int, int) {
	if Fits(text, columns) {
		return text, from, to
	}
	dots := Ellipsis(ascii)
	if Width(text[:from]) > columns/2 {
		kept := Tail(text[:from], columns/4)
		text = dots + kept + text[from:]
		from, to = len(dots)+len(kept), len(dots)+len(kept)+to-from
	}
	if !Fits(text, columns) {
		kept := Head(text, columns-Width(dots))
		to = min(to, len(kept))
		from = min(from, to)
		text = kept + dots
	}
	return text, from, to
}
