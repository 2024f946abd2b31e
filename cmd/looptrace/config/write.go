package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

const initHead = `# Settings of looptrace. Each key has the name of a flag, and stands here with its default;
# take away the mark before it to change it. What is given on the command line comes first,
# then LOOPTRACE_... variables (LOOPTRACE_RUN_QUIET for quiet in [run]), then this file.
# Relative paths are relative to this file.
#
# The same can stand in a pyproject.toml, as [tool.looptrace], [tool.looptrace.run] and so on.
# "looptrace config show" tells which value comes from where.
`

const initWidth = 88

// Init returns a file that explains every key and sets none. The keys come in their order, those of a table together.
func Init(keys []Key) string {
	var b strings.Builder
	b.WriteString(initHead)
	table, top := "", map[string]bool{}
	for _, k := range keys {
		if k.Refused != "" || k.Table != "" && top[k.Name] {
			continue
		}
		if top[k.Name] = k.Table == ""; k.Table != table {
			table = k.Table
			fmt.Fprintf(&b, "\n[%s]%s\n", table, again(keys, table, top))
		}
		fmt.Fprintf(&b, "\n%s\n#%s = %s\n", comment(k.Usage), k.Name, Literal(k.Kind, k.Default))
	}
	return b.String()
}

// again says which keys of the top of the file a table may have as well.
func again(keys []Key, table string, top map[string]bool) string {
	var names []string
	for _, k := range keys {
		if k.Table == table && top[k.Name] {
			names = append(names, k.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "\n" + comment(strings.Join(names, ", ")+" may stand here as well, for "+table+" alone")
}

// comment returns a text as comment lines, the last one without its end.
func comment(text string) string {
	return "# " + strings.Join(wrap(text, initWidth-2), "\n# ")
}

// Literal returns a value as TOML writes it.
func Literal(kind Kind, text []string) string {
	switch kind {
	case List:
		quoted := make([]string, 0, len(text))
		for _, s := range text {
			quoted = append(quoted, quote(s))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case Ints:
		return "[" + strings.Join(text, ", ") + "]"
	}
	s := ""
	if len(text) > 0 {
		s = text[0]
	}
	if kind == String {
		return quote(s)
	}
	return s
}

// quote returns a basic string. What JSON escapes TOML escapes the same way, but for one character.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""`
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

// wrap breaks a text into lines at its blanks.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
