package term

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// stack writes the frames of the program, innermost first, in columns.
func (p *printer) stack(frames []analyze.Frame, indent int) {
	shown := wording.UserFrames(frames)
	skipped := len(shown) - wording.FramesShown
	if skipped > 0 {
		shown = append(shown[:wording.FramesShown-1:wording.FramesShown-1], shown[len(shown)-1])
	}
	places, functions := 0, 0
	for _, f := range shown {
		places = max(places, wording.Width(p.At(f)))
		functions = max(functions, wording.Width(p.Name(f.Function)))
	}
	for i, f := range shown {
		if skipped > 0 && i == len(shown)-1 {
			p.item(indent, fmt.Sprintf("%s %s", wording.Ellipsis(p.o.ASCII), wording.Count(skipped, "more frame")))
		}
		p.item(indent, strings.TrimRight(wording.Pad(p.At(f), places)+"  "+wording.Pad(p.Name(f.Function), functions)+"  "+p.Source(f), " "))
	}
}
