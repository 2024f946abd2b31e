package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// truth is what is true of a program, in expect.json. A site is "FILE:FUNCTION:LINE TEXT".
type truth struct {
	dir string

	Finding        *string             `json:"finding"`
	Accept         []string            `json:"accept"`
	AlsoTrue       []string            `json:"also_true"`
	RootCause      *string             `json:"root_cause"`
	FaultSite      *string             `json:"fault_site"`
	Process        string              `json:"process"`
	Closer         *string             `json:"closer"`
	CloserAccept   []string            `json:"closer_accept"`
	CloserOutcome  string              `json:"closer_outcome"`
	CloserThread   string              `json:"closer_thread"`
	CloserTask     *string             `json:"closer_task"`
	CloseIndex     *int                `json:"close_index"`
	LiveAtClose    []string            `json:"live_at_close"`
	CreationSite   map[string]string   `json:"creation_site"`
	CreationAccept map[string][]string `json:"creation_accept"`
	CreationVia    map[string]string   `json:"creation_via"`
	CreatedBy      map[string]*string  `json:"created_by"`
	Awaiting       map[string]string   `json:"awaiting"`
	MinPython      string              `json:"min_python"`
	MaxPython      string              `json:"max_python"`
	ExitCode       int                 `json:"exit_code"`
	StdoutHas      []string            `json:"stdout_has"`
	StderrHas      []string            `json:"stderr_has"`
	StderrNot      []string            `json:"stderr_not"`
	ByPython       []change            `json:"by_python"`
}

// change replaces parts of the truth for some versions.
type change struct {
	Python []string                   `json:"python"`
	Set    map[string]json.RawMessage `json:"set"`
}

// apply replaces whole values: decoding into a map that is there would merge the two.
func (c change) apply(e *truth) error {
	set, err := json.Marshal(c.Set)
	if err != nil {
		return err
	}
	for key := range c.Set {
		switch key {
		case "creation_site":
			e.CreationSite = nil
		case "creation_accept":
			e.CreationAccept = nil
		case "creation_via":
			e.CreationVia = nil
		case "created_by":
			e.CreatedBy = nil
		case "awaiting":
			e.Awaiting = nil
		}
	}
	return json.Unmarshal(set, e)
}

// told is the part of the JSON report that is judged.
type told struct {
	Processes []struct {
		ID   int
		Role string
		Exit struct{ Live []toldLive }
	}
	Closes   []toldClose
	Tasks    []toldTask
	Findings []struct {
		Rule, Severity string
		Cause          *string
		Site           *toldFrame
	}
}

type toldClose struct {
	Process  int
	Outcome  string
	Implicit bool
	Thread   string
	Task     *int
	Site     *toldFrame
	Stack    []toldFrame
	Live     []toldLive
}

type toldTask struct {
	ID            int
	Name          string
	Parent        *int
	CreatedAt     *toldFrame  `json:"created_at"`
	CreatedVia    *string     `json:"created_via"`
	CreationStack []toldFrame `json:"creation_stack"`
}

type toldFrame struct{ File, Function, Text string }

type toldLive struct {
	Task  int
	State string
	Site  *toldFrame
}

// judge compares a report with the truth.
type judge struct {
	t *testing.T
	*truth
	told told
}

func (j *judge) site(f *toldFrame) string {
	if f == nil {
		return ""
	}
	name := f.File
	if !strings.HasPrefix(name, "<") {
		if rel, err := filepath.Rel(j.dir, name); err == nil {
			name = filepath.ToSlash(rel)
		}
	}
	return name + ":" + f.Function + ":" + strings.TrimSpace(f.Text)
}

// siteIs reports whether a site is the wanted one, or a tolerated one with the wanted one further out.
func (j *judge) siteIs(at *toldFrame, stack []toldFrame, want string, tolerated []string) bool {
	got := j.site(at)
	return got == want || slices.Contains(tolerated, got) &&
		slices.ContainsFunc(stack, func(f toldFrame) bool { return j.site(&f) == want })
}

func (j *judge) taskName(id *int) string {
	if id == nil {
		return ""
	}
	for _, t := range j.told.Tasks {
		if t.ID == *id {
			return t.Name
		}
	}
	return "?"
}

// findings judges rule, cause and site; a correct program must get neither error nor warning.
func (j *judge) findings() {
	var rules, causes, sites []string
	for _, f := range j.told.Findings {
		if f.Severity == "note" {
			continue
		}
		rules = append(rules, f.Rule)
		if j.Finding == nil && !slices.Contains(j.AlsoTrue, f.Rule) {
			j.t.Errorf("false alarm: %s at %s", f.Rule, j.site(f.Site))
		}
		if j.Finding != nil && (f.Rule == *j.Finding || slices.Contains(j.Accept, f.Rule)) {
			sites = append(sites, j.site(f.Site))
			causes = append(causes, deref(f.Cause))
		}
	}
	if j.Finding == nil {
		return
	}
	if len(sites) == 0 {
		j.t.Errorf("told %v, want %s", rules, *j.Finding)
		return
	}
	if j.RootCause != nil && !slices.Contains(causes, *j.RootCause) {
		j.t.Errorf("cause %q, want %q", causes, *j.RootCause)
	}
	if j.FaultSite != nil && !slices.Contains(sites, *j.FaultSite) {
		j.t.Errorf("site %q, want %q", sites, *j.FaultSite)
	}
}

// anyCloser says in place of a site that it does not matter here who closed, and what was live then.
const anyCloser = "*"

// moment judges the decisive close(), or the end of the process where nobody closed.
func (j *judge) moment() {
	if deref(j.Closer) == anyCloser {
		return
	}
	mine := map[int]bool{}
	var live []toldLive
	for _, p := range j.told.Processes {
		if (p.Role == "main") == (j.Process == "main") {
			mine[p.ID] = true
			live = append(live, p.Exit.Live...)
		}
	}
	closes := slices.DeleteFunc(slices.Clone(j.told.Closes), func(c toldClose) bool {
		return !mine[c.Process] || c.Implicit || c.Outcome != "closed" && c.Outcome != "refused"
	})
	switch {
	case j.Closer == nil && len(closes) > 0:
		j.t.Errorf("%d close() calls told, want none; the first at %s", len(closes), j.site(closes[0].Site))
	case j.Closer != nil && len(closes) <= *j.CloseIndex:
		j.t.Errorf("%d close() calls told, want more than %d", len(closes), *j.CloseIndex)
		return
	case j.Closer != nil:
		c := closes[*j.CloseIndex]
		live = c.Live
		if !j.siteIs(c.Site, c.Stack, *j.Closer, j.CloserAccept) {
			j.t.Errorf("closed at %s, want %s", j.site(c.Site), *j.Closer)
		}
		if c.Outcome != j.CloserOutcome || c.Thread != j.CloserThread || j.taskName(c.Task) != deref(j.CloserTask) {
			j.t.Errorf("close %s in thread %q by task %q, want %s %q %q", c.Outcome, c.Thread, j.taskName(c.Task), j.CloserOutcome, j.CloserThread, deref(j.CloserTask))
		}
	}
	j.live(live)
}

func (j *judge) live(live []toldLive) {
	var names []string
	for _, l := range live {
		name := j.taskName(&l.Task)
		names = append(names, name)
		if slices.Contains(j.LiveAtClose, name) {
			j.liveTask(name, l)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, j.LiveAtClose) {
		j.t.Errorf("live %q, want %q", names, j.LiveAtClose)
	}
}

func (j *judge) liveTask(name string, l toldLive) {
	i := slices.IndexFunc(j.told.Tasks, func(t toldTask) bool { return t.ID == l.Task })
	task := j.told.Tasks[i]
	if want := j.CreationSite[name]; !j.siteIs(task.CreatedAt, task.CreationStack, want, j.CreationAccept[name]) {
		j.t.Errorf("%s created at %s, want %s", name, j.site(task.CreatedAt), want)
	}
	if via, ok := j.CreationVia[name]; ok && deref(task.CreatedVia) != via {
		j.t.Errorf("%s created via %q, want %q", name, deref(task.CreatedVia), via)
	}
	if by, ok := j.CreatedBy[name]; ok && deref(by) != "*" && j.taskName(task.Parent) != deref(by) {
		j.t.Errorf("%s created by %q, want %q", name, j.taskName(task.Parent), deref(by))
	}
	if want, ok := j.Awaiting[name]; ok && j.awaits(l) != want {
		j.t.Errorf("%s awaits at %s, want %s", name, j.awaits(l), want)
	}
}

func (j *judge) awaits(l toldLive) string {
	switch {
	case l.State == "running":
		return "<running>"
	case l.State == "not-started":
		return "<not started>"
	case l.Site == nil:
		return "<library>"
	}
	return j.site(l.Site)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// signalOf returns the signal that ended a process.
func signalOf(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal())
	}
	return 0
}
