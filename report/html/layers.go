package html

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Sizes of the layered picture, in pixels.
const (
	boxPad    = 12
	boxRow    = 18
	layerGap  = 96
	boxGap    = 18
	arcHeight = 22
	bendGap   = 14 // below a bend of an arrow that passes a layer
)

// bendsShown bounds the bends of all arrows; further arrows run straight through the layers.
const bendsShown = 2000

// graph is boxes and arrows that are drawn from left to right.
type graph struct {
	vertices []*vertex
	edges    []*edge
	known    map[[2]*vertex]*edge
	segments [][2]*vertex // from one layer to the next, over bends
	bends    []*vertex
}

// vertex is one box.
type vertex struct {
	number int
	class  string
	title  string
	rows   [][]piece
	tasks  []*analyze.Task

	out        []*edge
	layer      int
	weight     float64 // where it stands within its layer
	state      int     // of the search: 0 not met, 1 on the way, 2 done
	x, y, w, h int
}

// edge is one arrow; one that is back leads against the direction of the layers.
type edge struct {
	from, to *vertex
	label    string
	circle   bool
	back     bool
	via      []*vertex // bends, where it passes layers
}

// vertex adds a box; nil if the picture is full.
func (g *graph) vertex() *vertex {
	if len(g.vertices) == nodesShown {
		return nil
	}
	v := &vertex{number: len(g.vertices)}
	g.vertices = append(g.vertices, v)
	return v
}

// edge adds an arrow, once.
func (g *graph) edge(from, to *vertex, label string, circle bool) {
	if g.known == nil {
		g.known = map[[2]*vertex]*edge{}
	}
	key := [2]*vertex{from, to}
	if e := g.known[key]; e != nil {
		e.circle = e.circle || circle
		return
	}
	e := &edge{from: from, to: to, label: label, circle: circle}
	g.known[key] = e
	g.edges = append(g.edges, e)
	from.out = append(from.out, e)
}

// draw lays the graph out.
func (g *graph) draw() *picture {
	for _, v := range g.vertices {
		g.breakCircles(v)
	}
	g.setLayers()
	g.bend()
	layers := g.order()
	p := &picture{}
	g.place(layers, p)
	arcs := 0
	labelled := map[string]bool{}
	for _, e := range g.edges {
		if e.back {
			arcs++
		}
		l := e.line(p.Height + arcs*arcHeight)
		if key := fmt.Sprint(e.from.number, " ", e.label); !e.back && labelled[key] { // arrows from one box begin at one place
			l.Title = ""
		} else if !e.back {
			labelled[key] = true
		}
		p.Lines = append(p.Lines, l)
	}
	p.Height += arcs*arcHeight + boxGap
	for _, v := range g.vertices {
		p.Nodes = append(p.Nodes, v.node())
	}
	return p
}

// breakCircles marks the arrows that lead back to a box on the way to them. The depth is bounded by nodesShown.
func (g *graph) breakCircles(v *vertex) {
	if v.state != 0 {
		return
	}
	v.state = 1
	for _, e := range v.out {
		if e.to.state == 1 {
			e.back = true
			continue
		}
		g.breakCircles(e.to)
	}
	v.state = 2
}

// setLayers puts every box to the right of all that lead to it.
func (g *graph) setLayers() {
	for changed, rounds := true, 0; changed && rounds <= len(g.vertices); rounds++ {
		changed = false
		for _, e := range g.edges {
			if !e.back && e.to.layer <= e.from.layer {
				e.to.layer = e.from.layer + 1
				changed = true
			}
		}
	}
}

// bend lets arrows that pass layers bend there, so that they have a place of their own between the boxes.
func (g *graph) bend() {
	for _, e := range g.edges {
		if e.back {
			continue
		}
		at := e.from
		for layer := e.from.layer + 1; layer < e.to.layer && len(g.bends) < bendsShown; layer++ {
			b := &vertex{number: len(g.vertices) + len(g.bends), layer: layer}
			g.bends = append(g.bends, b)
			e.via = append(e.via, b)
			g.segments = append(g.segments, [2]*vertex{at, b})
			at = b
		}
		g.segments = append(g.segments, [2]*vertex{at, e.to})
	}
}

// order sorts the boxes of each layer so that few arrows cross: each stands where those that lead to it do on average.
func (g *graph) order() [][]*vertex {
	deepest := 0
	for _, v := range g.vertices {
		deepest = max(deepest, v.layer)
	}
	layers := make([][]*vertex, deepest+1)
	for _, list := range [][]*vertex{g.vertices, g.bends} {
		for _, v := range list {
			layers[v.layer] = append(layers[v.layer], v)
			v.weight = float64(v.number)
		}
	}
	for i := range layers {
		if i > 0 {
			g.weigh(layers[i], 1)
		}
		sortLayer(layers[i])
	}
	for i := len(layers) - 2; i >= 0; i-- {
		g.weigh(layers[i], 0)
		sortLayer(layers[i])
	}
	return layers
}

// weigh moves the boxes of a layer to the average place of those that arrows connect them with; mine is the end of the
// arrows that is in the layer.
func (g *graph) weigh(layer []*vertex, mine int) {
	sum, n := map[*vertex]float64{}, map[*vertex]float64{}
	for _, s := range g.segments {
		sum[s[mine]] += s[1-mine].weight
		n[s[mine]]++
	}
	for _, v := range layer {
		if n[v] > 0 {
			v.weight = sum[v] / n[v]
		}
	}
}

// sortLayer sorts by weight, and makes the weights the places in the layer.
func sortLayer(layer []*vertex) {
	slices.SortStableFunc(layer, func(a, b *vertex) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(a.number, b.number))
	})
	for i, v := range layer {
		v.weight = float64(i) - float64(len(layer)-1)/2
	}
}

// place gives every box its size and place.
func (g *graph) place(layers [][]*vertex, p *picture) {
	tallest := 0
	heights := make([]int, len(layers))
	for i, layer := range layers {
		for _, v := range layer {
			v.measure()
			heights[i] += v.h + v.gap()
		}
		tallest = max(tallest, heights[i])
	}
	x := boxGap
	for i, layer := range layers {
		width, y := 0, boxGap+(tallest-heights[i])/2
		for _, v := range layer {
			v.x, v.y = x, y
			y += v.h + v.gap()
			width = max(width, v.w)
		}
		for _, v := range layer {
			if v.rows == nil {
				v.w = width
			}
		}
		x += width + layerGap
	}
	p.Width, p.Height = x-layerGap+boxGap, tallest+boxGap
}

// gap is the room below a box.
func (v *vertex) gap() int {
	if v.rows == nil {
		return bendGap
	}
	return boxGap
}

// measure sets the size of a box; that of a bend is nothing.
func (v *vertex) measure() {
	if v.rows == nil {
		return
	}

	for _, pieces := range v.rows {
		r := row{}
		width := 0
		for _, piece := range pieces {
			width += r.add(piece.Text, piece.Class)
		}
		v.w = max(v.w, width+2*boxPad)
	}
	v.h = len(v.rows)*boxRow + boxPad
}

func (v *vertex) node() node {
	n := node{X: v.x, Y: v.y, W: v.w, H: v.h, Class: v.class, Title: v.title}
	for i, pieces := range v.rows {
		r := row{X: v.x + boxPad, Y: v.y + boxPad/2 + 13 + i*boxRow}
		for _, piece := range pieces {
			r.add(piece.Text, piece.Class)
		}
		n.Rows = append(n.Rows, r)
	}
	return n
}

// line draws an arrow: a curve to the right, or an arc below everything for one that leads back.
func (e *edge) line(below int) line {
	l := line{Class: "edge", Arrow: "arrow", Title: e.label}
	if e.circle {
		l.Class, l.Arrow = "edge circle", "arrow-circle"
	}
	x1, y1 := e.from.x+e.from.w, e.from.y+e.from.h/2
	x2, y2 := e.to.x-3, e.to.y+e.to.h/2
	l.X, l.Y = x1+6, y1-5
	if e.back {
		x1, x2 = e.from.x+e.from.w/2, e.to.x+e.to.w/2
		y1, y2 = e.from.y+e.from.h, e.to.y+e.to.h+3
		l.X, l.Y = max(x1-columnsOf(e.label)-16, 0), below-5
		l.Path = fmt.Sprintf("M%d %dV%dQ%d %d %d %dH%dQ%d %d %d %dV%d", x1, y1, below-8, x1, below, x1-8, below, x2+8, x2, below, x2, below-8, y2)
		if x1 <= x2 {
			l.Path = fmt.Sprintf("M%d %dV%dH%dV%d", x1, y1, below, x2+12, y2)
		}
		return l
	}
	next := y2
	if len(e.via) > 0 {
		next = e.via[0].y
	}
	if next < y1 { // it rises: its title goes below
		l.Y = y1 + 13
	}
	l.Path = fmt.Sprintf("M%d %d", x1, y1)
	for _, b := range e.via {
		l.Path += curve(x1, y1, b.x, b.y) + fmt.Sprintf("H%d", b.x+b.w)
		x1, y1 = b.x+b.w, b.y
	}
	l.Path += curve(x1, y1, x2, y2)
	return l
}

// curve leads from one place to another further right, both ends level.
func curve(x1, y1, x2, y2 int) string {
	half := (x2 - x1) / 2
	return fmt.Sprintf("C%d %d %d %d %d %d", x1+half, y1, x2-half, y2, x2, y2)
}
