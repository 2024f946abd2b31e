package term

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// framesShown bounds a stack: the innermost frames say most, the outermost one says where it began.
const framesShown = 6

// stack writes the frames of the program, innermost first, in columns.
func (p *printer) stack(frames []analyze.Frame, indent int) {
	shown := userFrames(frames)
	skipped := len(shown) - framesShown
	if skipped > 0 {
		shown = append(shown[:framesShown-1:framesShown-1], shown[len(shown)-1])
	}
	places, functions := 0, 0
	for _, f := range shown {
		places = max(places, width(p.at(f)))
		functions = max(functions, width(p.name(f.Function)))
	}
	for i, f := range shown {
		if skipped > 0 && i == len(shown)-1 {
			p.item(indent, fmt.Sprintf("%s %s", ellipsis(p.o.ASCII), count(skipped, "more frame")))
		}
		p.item(indent, strings.TrimRight(pad(p.at(f), places)+"  "+pad(p.name(f.Function), functions)+"  "+p.source(f), " "))
	}
}

// userFrames returns the frames of the program; of a stack without any, its two innermost frames.
func userFrames(frames []analyze.Frame) []*analyze.Frame {
	var shown []*analyze.Frame
	for i := range frames {
		if frames[i].User {
			shown = append(shown, &frames[i])
		}
	}
	if shown == nil {
		for i := range frames[:min(2, len(frames))] {
			shown = append(shown, &frames[i])
		}
	}
	return shown
}
