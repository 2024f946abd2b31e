package html

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// segment is a piece of a sentence; places and source lines of the program look different from the words around them.
type segment struct {
	Text  string
	Code  bool // a source line
	Place bool // "app.py:23 in main"
}

// framesShown bounds the places that are looked for in a sentence.
const framesShown = 8

// framesOf returns the frames that the sentences about a group speak of.
func (b *builder) framesOf(g wording.Group) []*analyze.Frame {
	var frames []*analyze.Frame
	met := map[analyze.Frame]bool{}
	add := func(f *analyze.Frame) {
		if f != nil && !met[*f] && len(frames) < framesShown {
			met[*f] = true
			frames = append(frames, f)
		}
	}
	for _, l := range g {
		if l.Task.Site != nil {
			add(l.Task.Site.At)
		}
		add(l.At)
		for i := range l.Task.Cancels {
			add(l.Task.Cancels[i].At)
		}
		if len(frames) == framesShown {
			break
		}
	}
	return frames
}

// rich splits a sentence at the first place of it that one of the frames has, and the source line behind it.
func (b *builder) rich(text string, frames []*analyze.Frame) []segment {
	best, at := (*analyze.Frame)(nil), len(text)
	for _, f := range frames {
		said := b.WithSource(f)
		if i := strings.Index(text, said); said != "" && i >= 0 && i < at {
			best, at = f, i
		}
	}
	if best == nil {
		return []segment{{Text: text}}
	}
	place, source := b.Place(best), b.Source(best)
	out := []segment{{Text: text[:at]}, {Text: place, Place: true}}
	rest := text[at+len(place):]
	if source != "" {
		rest = rest[len(": ")+len(source):]
		out = append(out, segment{Text: source, Code: true})
	}
	if rest != "" {
		out = append(out, b.rich(rest, frames)...)
	}
	return out
}
