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
)

// graph is boxes and arrows that are drawn from left to right.
type graph struct {
	vertices []*vertex
	edges    []*edge
	known    map[[2]*vertex]*edge
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
	layers := g.order()
	p := &picture{}
	g.place(layers, p)
	arcs := 0
	for _, e := range g.edges {
		if e.back {
			arcs++
		}
		p.Lines = append(p.Lines, e.line(p.Height+arcs*arcHeight))
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

// order sorts the boxes of each layer so that few arrows cross: each stands where those that lead to it do on average.
func (g *graph) order() [][]*vertex {
	deepest := 0
	for _, v := range g.vertices {
		deepest = max(deepest, v.layer)
	}
	layers := make([][]*vertex, deepest+1)
	for _, v := range g.vertices {
		layers[v.layer] = append(layers[v.layer], v)
		v.weight = float64(v.number)
	}
	for i := range layers {
		if i > 0 {
			g.weigh(layers[i], func(e *edge) (*vertex, *vertex) { return e.to, e.from })
		}
		sortLayer(layers[i])
	}
	for i := len(layers) - 2; i >= 0; i-- {
		g.weigh(layers[i], func(e *edge) (*vertex, *vertex) { return e.from, e.to })
		sortLayer(layers[i])
	}
	return layers
}

// weigh moves the boxes of a layer to the average place of those that arrows connect them with.
func (g *graph) weigh(layer []*vertex, ends func(*edge) (mine, other *vertex)) {
	sum, n := map[*vertex]float64{}, map[*vertex]float64{}
	for _, e := range g.edges {
		if !e.back {
			mine, other := ends(e)
			sum[mine] += other.weight
			n[mine]++
		}
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
			heights[i] += v.h + boxGap
		}
		tallest = max(tallest, heights[i])
	}
	x := boxGap
	for i, layer := range layers {
		width, y := 0, boxGap+(tallest-heights[i])/2
		for _, v := range layer {
			v.x, v.y = x, y
			y += v.h + boxGap
			width = max(width, v.w)
		}
		x += width + layerGap
	}
	p.Width, p.Height = x-layerGap+boxGap, tallest+boxGap
}

func (v *vertex) measure() {
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
	l.X, l.Y = (x1+x2)/2, (y1+y2)/2-5
	if e.back {
		x1, x2 = e.from.x+e.from.w/2, e.to.x+e.to.w/2
		y1, y2 = e.from.y+e.from.h, e.to.y+e.to.h+3
		l.X, l.Y = (x1+x2)/2, below-5
		l.Path = fmt.Sprintf("M%d %dV%dQ%d %d %d %dH%dQ%d %d %d %dV%d", x1, y1, below-8, x1, below, x1-8, below, x2+8, x2, below, x2, below-8, y2)
		if x1 <= x2 {
			l.Path = fmt.Sprintf("M%d %dV%dH%dV%d", x1, y1, below, x2+12, y2)
		}
		return l
	}
	half := (x2 - x1) / 2
	l.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+half, y1, x2-half, y2, x2, y2)
	return l
}
