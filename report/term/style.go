package term

import "github.com/looptrace/looptrace/analyze"

// style is an SGR sequence of the 16 colours; "" is none.
type style string

const (
	plainText style = ""
	bold      style = "1"
	faint     style = "2"
	red       style = "1;31"
	green     style = "32"
	yellow    style = "1;33"
	blue      style = "1;34"
	cyan      style = "1;36"
)

// paint puts a style around text.
func (o Options) paint(s style, text string) string {
	if !o.Color || s == plainText || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func severityStyle(s analyze.Severity) style {
	switch s {
	case analyze.Error:
		return red
	case analyze.Warning:
		return yellow
	}
	return cyan
}
