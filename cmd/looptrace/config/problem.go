package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/clipperhouse/displaywidth"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Pos     Position
	Message string
	Hint    string   // what to write instead; "" if that is not known
	Excerpt []string // the line, and what points into it
}

// Error is a file that cannot be used, with all that is wrong with it, in the order of the file.
type Error struct {
	Path     string
	Problems []Problem // at least one
}

func (e *Error) Error() string { return e.Title(0) }

// Title returns a problem in one line.
func (e *Error) Title(i int) string {
	p := e.Problems[i]
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, p.Pos.Line, p.Pos.Col, p.Message)
}

func (r *reader) problem(at Position, message, hint string) {
	r.problems = append(r.problems, Problem{Pos: at, Message: message, Hint: hint, Excerpt: excerpt(r.lines, at)})
}

// position returns a position of the parser. Only its offset is right at the beginning and end of lines.
func (r *reader) position(p toml.Position) Position {
	at := Position{Line: 1, Col: max(0, p.Start) + 1, Len: max(1, p.Len)}
	for at.Line < len(r.lines) && at.Col > len(r.lines[at.Line-1])+1 {
		at.Col -= len(r.lines[at.Line-1]) + 1
		at.Line++
	}
	return at
}

// syntax is the error of a text that is no TOML.
func (r *reader) syntax(err error) error {
	var parsed toml.ParseError
	if !errors.As(err, &parsed) {
		return fmt.Errorf("%s: %w", r.file.Path, err)
	}
	message := strings.NewReplacer(`'\n'`, "the end of the line", `'\x00'`, "the end of the file").Replace(parsed.Message)
	r.problem(r.position(parsed.Position), strings.TrimSuffix(strings.Join(strings.Fields(message), " "), "."), "")
	return &Error{Path: r.file.Path, Problems: r.problems}
}

// unknown complains of a key, and says where it belongs or what was probably meant.
func (r *reader) unknown(table, name string, value any, at Position) {
	kind, hint := "key", "looptrace config init shows them all"
	if _, ok := value.(map[string]any); ok {
		kind = "table"
	}
	if r.isTable(name) && table == "" {
		r.problem(at, fmt.Sprintf("[%s%s] is the table of looptrace %s", r.prefix, name, name), r.places(name, table))
		return
	}
	if places := r.places(name, table); places != "" {
		hint = places
	} else if near := nearest(name, r.namesIn(table, kind)); near != "" {
		hint = "did you mean " + near + "?"
	}
	in := ""
	if table != "" {
		in = fmt.Sprintf(" in [%s%s]", r.prefix, table)
	}
	r.problem(at, fmt.Sprintf("unknown %s %q%s", kind, name, in), hint)
}

// places says in which tables a key can stand, "" if in none.
func (r *reader) places(name, table string) string {
	var tables []string
	for _, k := range r.keys {
		switch {
		case k.Name != name || k.Table == table || k.Refused != "":
		case k.Table == "":
			return name + " goes above the first table: it is for all commands"
		default:
			tables = append(tables, "["+r.prefix+k.Table+"]")
		}
	}
	if len(tables) == 0 {
		return ""
	}
	return name + " goes into " + strings.Join(tables, " or ")
}

// namesIn are the names that can stand in a table.
func (r *reader) namesIn(table, kind string) []string {
	var list []string
	for _, k := range r.keys {
		switch {
		case kind == "table" && table == "" && k.Table != "":
			list = append(list, k.Table)
		case kind == "key" && k.Table == table && k.Refused == "":
			list = append(list, k.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

const excerptWidth = 120 // columns

// excerpt returns a line of a file with a mark below what a position covers.
func excerpt(lines []string, at Position) []string {
	if at.Line < 1 || at.Line > len(lines) {
		return nil
	}
	line := strings.TrimSuffix(lines[at.Line-1], "\r")
	from := min(max(at.Col-1, 0), len(line))
	to := min(from+max(at.Len, 1), len(line))
	number := strconv.Itoa(at.Line)
	gutter := strings.Repeat(" ", len(number)) + " |"
	start, length := columns(line[:from]), max(1, columns(line[from:to]))
	shown := displaywidth.TruncateString(expand(line), excerptWidth, "...")
	list := []string{gutter, strings.TrimRight(number+" | "+shown, " ")}
	if start < excerptWidth {
		list = append(list, gutter+" "+strings.Repeat(" ", start)+strings.Repeat("^", min(length, excerptWidth-start)))
	}
	return list
}

func expand(s string) string { return strings.ReplaceAll(s, "\t", "    ") }
func columns(s string) int   { return displaywidth.String(expand(s)) }
