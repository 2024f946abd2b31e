package view

// style is an SGR sequence of the 16 colours, as in report/term; nothing is said by it alone.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	chosen style = "7"
	red    style = "1;31"
	green  style = "32"
	yellow style = "1;33"
	cyan   style = "1;36"
)

// paint puts a style around text.
func (o *Options) paint(s style, text string) string {
	if !o.Text.Color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}
