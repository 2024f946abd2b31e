package compare

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// pair puts the elements of two lists into pairs: first those that are alike by the first key, then of the rest those that are
// by the second, and so on; those of one key in their order. It returns the partner of each old one, -1 for none. It pairs b
// and a as it pairs a and b.
func pair[T any](a, b []T, keys ...func(T) string) []int {
	partner := make([]int, len(a))
	for i := range partner {
		partner[i] = -1
	}
	taken := make([]bool, len(b))
	for _, key := range keys {
		free := map[string][]int{}
		for j, v := range b {
			if !taken[j] {
				free[key(v)] = append(free[key(v)], j)
			}
		}
		for i, v := range a {
			k := key(v)
			if list := free[k]; partner[i] < 0 && len(list) > 0 {
				partner[i], free[k] = list[0], list[1:]
				taken[list[0]] = true
			}
		}
	}
	return partner
}

// pairFindings pairs findings of one identity, directory and test, and of names that are one to an old Python. Among several, the
// same cause, severity, number of tasks, message and program go before others.
func pairFindings(a, b *Side) []int {
	dir := directories(a, b)
	place := func(f *Finding) string {
		return join(fmt.Sprintf("%q", f.Identity), dir[f.Process], analyze.TestNames(f.Finding))
	}
	program := func(f *Finding) string { return join(place(f), f.program) }
	same := func(f *Finding) string {
		return join(f.Cause, string(f.Severity), fmt.Sprint(len(f.Tasks)), f.shape)
	}
	var keys []func(*Finding) string
	for _, alike := range []func(*Finding) string{same, func(f *Finding) string { return f.Cause }, func(*Finding) string { return "" }} {
		for _, at := range []func(*Finding) string{program, place} {
			keys = append(keys, func(f *Finding) string { return join(alike(f), at(f)) })
		}
	}
	if oldNames(a) != oldNames(b) {
		keys = append(keys, func(f *Finding) string {
			id := f.Identity
			id.Function = shortName(f.Process, id.Function)
			return join(fmt.Sprintf("%q", id), dir[f.Process], analyze.TestNames(f.Finding))
		})
	}
	return pairLoosely(pair(a.Findings, b.Findings, keys...), a.Findings, b.Findings, func(old, fresh *Finding) bool {
		x, y := old.Identity, fresh.Identity
		short, long := x.Function, y.Function
		x.Function, y.Function = "", ""
		return x == y && dir[old.Process] == dir[fresh.Process] && old.At != nil && fresh.At != nil &&
			analyze.TestNames(old.Finding) == analyze.TestNames(fresh.Finding) && sameFunction(short, long, old.Process, fresh.Process)
	})
}

// pairSites pairs sites of one coroutine, function, path and directory.
func pairSites(a, b *Side) []int {
	dir := directories(a, b)
	keys := []func(*Site) string{func(s *Site) string { return join(s.Coro, s.Path, s.Function, s.Via, dir[s.Process]) }}
	if oldNames(a) != oldNames(b) {
		keys = append(keys, func(s *Site) string {
			return join(s.Coro, s.Path, shortName(s.Process, s.Function), s.Via, dir[s.Process])
		})
	}
	return pairLoosely(pair(a.Sites, b.Sites, keys...), a.Sites, b.Sites, func(old, fresh *Site) bool {
		return old.Coro == fresh.Coro && old.Path == fresh.Path && old.Via == fresh.Via && dir[old.Process] == dir[fresh.Process] &&
			sameFunction(old.Function, fresh.Function, old.Process, fresh.Process)
	})
}

// directory is where processes were started.
type directory struct{ path, program string }

// directories names the directories that the processes of two runs were started in, so that those which are the same one in
// both have one name: the same path, else the same last part and program, else the same program, else the next one. A checkout
// that moved is the same then, and two programs that have an app.py each are not.
func directories(a, b *Side) map[*analyze.Process]string {
	old, fresh := directoriesOf(a), directoriesOf(b)
	name := map[string]string{} // of those of b
	partner := pair(old, fresh,
		func(d directory) string { return d.path },
		func(d directory) string { return join(path.Base(d.path), d.program) },
		func(d directory) string { return d.program },
		func(directory) string { return "" },
	)
	for i, j := range partner {
		if j >= 0 {
			name[fresh[j].path] = old[i].path
		}
	}
	out := map[*analyze.Process]string{nil: ""}
	for _, p := range a.Run.Processes {
		out[p] = "old " + p.Origin().Cwd
	}
	for _, p := range b.Run.Processes {
		cwd := p.Origin().Cwd
		out[p] = "new " + cwd
		if n, ok := name[cwd]; ok {
			out[p] = "old " + n
		}
	}
	return out
}

func directoriesOf(s *Side) []directory {
	var out []directory
	for _, p := range s.Run.Processes {
		d := directory{p.Origin().Cwd, analyze.ProgramOf(p)}
		if !slices.ContainsFunc(out, func(o directory) bool { return o.path == d.path }) {
			out = append(out, d)
		}
	}
	return out
}

// looseTries bounds the comparison of every rest with every other.
const looseTries = 1 << 20

// pairLoosely pairs what is left by a relation that is no key, if there is exactly one partner for both: with
// more to choose from, nothing says which.
func pairLoosely[T any](partner []int, a, b []T, same func(a, b T) bool) []int {
	taken := make([]bool, len(b))
	var left, right []int
	for i, j := range partner {
		if j >= 0 {
			taken[j] = true
		} else {
			left = append(left, i)
		}
	}
	for j := range b {
		if !taken[j] {
			right = append(right, j)
		}
	}
	if len(left)*len(right) > looseTries {
		return partner
	}
	only := func(from, to []int, same func(i, j int) bool) map[int]int {
		out := map[int]int{}
		for _, i := range from {
			found := -1
			for _, j := range to {
				if same(i, j) {
					if found >= 0 {
						found = -1
						break
					}
					found = j
				}
			}
			if found >= 0 {
				out[i] = found
			}
		}
		return out
	}
	forth := only(left, right, func(i, j int) bool { return same(a[i], b[j]) })
	back := only(right, left, func(j, i int) bool { return same(a[i], b[j]) })
	for _, i := range left {
		if j, ok := forth[i]; ok {
			if k, ok := back[j]; ok && k == i {
				partner[i] = j
			}
		}
	}
	return partner
}

// oldNames reports whether functions of a run are known by their last names only.
func oldNames(s *Side) bool {
	return slices.ContainsFunc(s.Run.Processes, (*analyze.Process).OldNames)
}

// shortName returns the name of a function as both an old and a new Python tell it. One that an old Python knows in full is no
// other's.
func shortName(p *analyze.Process, function string) string {
	if p.OldNames() {
		return function
	}
	return function[strings.LastIndexByte(function, '.')+1:]
}

// sameFunction reports whether two names may be of one function: Python before 3.11 knows the last part only.
func sameFunction(a, b string, inA, inB *analyze.Process) bool {
	return inA.OldNames() && analyze.Unqualified(a, b) || inB.OldNames() && analyze.Unqualified(b, a)
}

func join(parts ...string) string { return strings.Join(parts, "\x00") }

func compareSites(a, b *Site) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Coro, b.Coro), cmp.Compare(a.Via, b.Via),
		cmp.Compare(a.file, b.file),
	)
}
