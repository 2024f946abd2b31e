package tracefile

import (
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// appendFrame writes a frame as file:line:function, then :qualname if it is another, then :text if it has one.
func appendFrame(b []byte, f Frame) []byte {
	b = escape.Append(b, f.File, ":,=")
	b = append(b, ':')
	b = strconv.AppendInt(b, int64(f.Line), 10)
	b = append(b, ':')
	b = escape.Append(b, f.Function, ":,=")
	if f.Qualname == f.Function && f.Text == "" {
		return b
	}
	b = append(b, ':')
	switch f.Qualname {
	case f.Function:
	case "":
		b = append(b, `\e`...)
	default:
		b = escape.Append(b, f.Qualname, ":,=")
	}
	if f.Text != "" {
		b = append(b, ':')
		b = escape.Append(b, f.Text, ":,=")
	}
	return b
}

// appendFrames writes frames with commas between them, - if there are none.
func appendFrames(b []byte, frames []Frame) []byte {
	if len(frames) == 0 {
		return append(b, '-')
	}
	for i, f := range frames {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFrame(b, f)
	}
	return b
}

func parseFrame(s string) (Frame, bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 5 {
		return Frame{}, false
	}
	line, err := strconv.Atoi(parts[1])
	f := Frame{File: unescapeValue(parts[0]), Line: line}
	if len(parts) > 2 {
		f.Function = unescapeValue(parts[2])
	}
	f.Qualname = f.Function
	if len(parts) > 3 && parts[3] != "" {
		f.Qualname = unescapeValue(parts[3])
	}
	if len(parts) > 4 {
		f.Text = unescapeValue(parts[4])
	}
	return f, err == nil && line >= 0
}

func parseFrames(s string) ([]Frame, bool) {
	if s == "-" || s == "" {
		return nil, true
	}
	var list []Frame
	for part := range strings.SplitSeq(s, ",") {
		f, ok := parseFrame(part)
		if !ok {
			return nil, false
		}
		list = append(list, f)
	}
	return list, true
}
