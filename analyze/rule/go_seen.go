package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// maxSeen bounds how many closes are judged: each looks at all that was live.
const maxSeen = 1000

// checkSeenCloses reports goroutines of what a function closed that outlived it.
func checkSeenCloses(run *analyze.Run, report func(analyze.Finding)) {
	byFunction := map[string][]*analyze.Close{}
	for _, c := range run.Closes {
		if c.Outcome == "seen" {
			byFunction[c.Function] = append(byFunction[c.Function], c)
		}
	}
	told := map[*analyze.Task]bool{}
	looked := 0
	for _, c := range run.Closes {
		if c.Outcome != "seen" {
			continue
		}
		if looked++; looked > maxSeen {
			undecided(run, "pending-at-close", fmt.Sprintf("of the closes that were seen the first %d were judged", maxSeen))
			return
		}
		left := keep(tiedTo(c), func(l *analyze.Live) bool { return !told[l.Task] })
		left = ofClosed(run, c, left, len(byFunction[c.Function]))
		for _, g := range goCrowds(left, ownTest) {
			for _, l := range g.live {
				told[l.Task] = true
			}
			if f, ok := outlivesFinding(run, c, g); ok {
				report(f)
			}
		}
	}
}

// owner returns what a method belongs to: "app.(*Pool)" of "app.(*Pool).Close", and the names that its New functions may have.
func owner(function string) (receiver, pkg, name string) {
	i := strings.LastIndexByte(function, '/') + 1
	if j := strings.IndexAny(function, "[("); j >= 0 && j < i {
		i = strings.LastIndexByte(function[:j], '/') + 1
	}
	first := strings.IndexByte(function[i:], '.')
	if first < 0 {
		return "", "", ""
	}
	pkg, rest := function[:i+first], function[i+first+1:]
	end := strings.IndexByte(rest, ')')
	if strings.HasPrefix(rest, "(*") && end > 0 {
		return pkg + "." + rest[:end+1], pkg, bare(rest[2:end])
	}
	if typ, _, ok := strings.Cut(rest, "."); ok {
		return pkg + "." + typ, pkg, bare(typ)
	}
	return "", pkg, ""
}

// bare returns the name of a type without its type parameters.
func bare(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return name
}

// belongs reports whether a function is a method of the type that another one closes, or makes such values.
func belongs(function, closer string) bool {
	receiver, pkg, name := owner(closer)
	if receiver == "" || name == "" {
		return false
	}
	if strings.HasPrefix(function, receiver+".") {
		return true
	}
	rest, ok := strings.CutPrefix(function, pkg+".")
	if !ok {
		return false
	}
	rest, _, _ = strings.Cut(rest, ".") // closures of it
	rest = bare(rest)
	for _, verb := range []string{"New", "new", "Open", "Start", "Make", "Create", "Dial", "Listen"} {
		if rest == verb || rest == verb+name || rest == verb+strings.ToUpper(name[:1])+name[1:] {
			return true
		}
	}
	return false
}

// tiedTo returns the goroutines that belong to what a close is of, as far as what made them tells, and that had not ended
// before the trace does. Those of another test are none.
func tiedTo(c *analyze.Close) []*analyze.Live {
	atEnd := map[*analyze.Task]*analyze.Live{}
	for _, l := range c.Process.Exit.Live {
		atEnd[l.Task] = l
	}
	var out []*analyze.Live
	for _, l := range goroutinesOf(own(c.Live)) {
		t := l.Task
		if t == c.Task || !madeBelow(t, c) || c.Task != nil && ownTest(t) != nil && ownTest(c.Task) != nil && ownTest(t) != ownTest(c.Task) {
			continue
		}
		if t.EndedNS != 0 {
			out = append(out, l)
		} else if end := atEnd[t]; end != nil {
			out = append(out, end)
		}
	}
	return out
}

// madeBelow reports whether a method of what is closed is on the stack of the go statement of a goroutine, or of an ancestor.
func madeBelow(t *analyze.Task, c *analyze.Close) bool {
	for n := 0; t != nil && n < maxParents; n, t = n+1, t.Parent {
		if t == c.Task && n > 0 {
			return false // made by who closes, for reasons of its own
		}
		if madeIn(t, c.Function) {
			return true
		}
	}
	return false
}

// madeIn reports whether a goroutine itself runs or was made by what belongs to the type that a function closes.
func madeIn(t *analyze.Task, closer string) bool {
	return t.Site != nil && (belongs(startOf(t), closer) ||
		slices.ContainsFunc(t.Site.Stack, func(f analyze.Frame) bool { return belongs(f.Qualname, closer) }))
}

// rootOf returns the outermost of a goroutine and its ancestors that belongs to the type that a function closes: the first
// goroutine of the value.
func rootOf(t *analyze.Task, closer string) *analyze.Task {
	root := t
	for n := 0; t != nil && n < maxParents; n, t = n+1, t.Parent {
		if madeIn(t, closer) {
			root = t
		}
	}
	return root
}

// oneGoNS is how far apart goroutines of one value may be made.
const oneGoNS = patienceNS

// value is what is taken for one value of a type: what made its goroutines did so in one go.
type value struct {
	by    *analyze.Task
	outer string // the line that had them made: below the methods of the type
	last  int64
	live  []*analyze.Live
	ended bool // one of them did
}

func valuesOf(tied []*analyze.Live, closer string) []*value {
	tied = slices.Clone(tied)
	slices.SortStableFunc(tied, func(a, b *analyze.Live) int {
		return cmp.Compare(rootOf(a.Task, closer).SpawnedNS, rootOf(b.Task, closer).SpawnedNS)
	})
	var out []*value
	for _, l := range tied {
		root := rootOf(l.Task, closer)
		by, outer := root.Parent, madeFrom(root, closer)
		i := slices.IndexFunc(out, func(v *value) bool {
			return v.by == by && v.outer == outer && root.SpawnedNS-v.last <= oneGoNS
		})
		if i < 0 {
			i = len(out)
			out = append(out, &value{by: by, outer: outer})
		}
		v := out[i]
		v.live, v.last = append(v.live, l), root.SpawnedNS
		v.ended = v.ended || l.Task.EndedNS != 0
	}
	return out
}

// ofClosed returns those of the goroutines that are of the value that was closed and did not end. Where several values of the
// type were made, the ones whose goroutines ended are it; where none did, there must have been a close for each.
func ofClosed(run *analyze.Run, c *analyze.Close, tied []*analyze.Live, closes int) []*analyze.Live {
	values := valuesOf(tied, c.Function)
	some := slices.ContainsFunc(values, func(v *value) bool { return v.ended })
	var left []*analyze.Live
	unclear := 0
	for _, v := range values {
		open := keep(v.live, func(l *analyze.Live) bool { return l.Task.EndedNS == 0 })
		switch {
		case len(values) == 1 || v.ended || !some && closes >= len(values):
			left = append(left, open...)
		case !some:
			unclear += len(open)
		}
	}
	if unclear > 0 {
		remark(run, fmt.Sprintf("%sgoroutines of %d values were live when %s was called: which of them it closed is not known, so that none is accused",
			inProcess(run, c.Process), len(values), shortFunction(c.Function)))
	}
	return own(left)
}

// madeFrom returns the line from which the type that a function closes was called when a goroutine was made.
func madeFrom(t *analyze.Task, closer string) string {
	if t.Site == nil {
		return ""
	}
	within := false
	for i := range t.Site.Stack {
		f := &t.Site.Stack[i]
		if b := belongs(f.Qualname, closer); b {
			within = true
		} else if within {
			return place(nil, f)
		}
	}
	return ""
}

func outlivesFinding(run *analyze.Run, c *analyze.Close, g *goCrowd) (analyze.Finding, bool) {
	l, n, end := g.main(), len(g.live), c.Process.Exit.TimeNS
	after := end - c.TimeNS
	if !waiting(l) {
		if after < patienceNS {
			return analyze.Finding{}, false
		}
	} else if after < patienceNS && !blockedByOthers(l) {
		return analyze.Finding{}, false
	}
	f := analyze.Finding{Cause: causeOutlives, At: g.at, Process: c.Process, Loop: c.Loop, Close: c, Tasks: tasksOf(g.live)}
	state := &goEnd{run: run, p: c.Process, live: goroutinesOf(c.Process.Exit.Live), endNS: end}
	if after < patienceNS && (mayTime(l) || state.others(nil, g)) {
		f.Severity = analyze.Warning
	}
	if g.test != nil {
		f.Tests = []*analyze.Test{g.test}
	}
	closer := shortFunction(c.Function)
	f.Message = fmt.Sprintf("%s was called, and %s, which belongs to it, never ended: %s", closer, g.who(), doing(c.Process, l))
	if n > 1 {
		f.Message = fmt.Sprintf("%s was called, and %s, which belong to it, never ended: %s", closer, g.who(), doing(c.Process, l))
	}
	var e evidence
	e.add(c.TimeNS, c.At, "%s was seen here on the stack%s; the trace goes on for %s", closer, byWhom(c), took(after))
	e.addMade(g)
	e.addWaits(g, end)
	if at := hangs(c); at != nil {
		e.add(-1, at, "%s itself had not returned when the trace ends: it is blocked here", closer)
	}
	f.Evidence, f.Fix = e, goFix(l)
	return f, true
}

// hangs returns where the goroutine that closes is when the trace ends, if that is still in the close.
func hangs(c *analyze.Close) *analyze.Frame {
	for _, l := range c.Process.Exit.Live {
		if l.Task != c.Task || !waiting(l) {
			continue
		}
		for i := range l.Awaiting {
			if l.Awaiting[i].Qualname == c.Function {
				return l.At
			}
		}
	}
	return nil
}
