package pprof

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// table makes a profile: samples of one stack with the same labels are one.
type table struct {
	profile   *profile.Profile
	mappings  map[string]*profile.Mapping
	functions map[functionKey]*profile.Function
	locations map[locationKey]*profile.Location
	samples   map[string]*profile.Sample
	defs      map[defKey]int // lines that functions begin at
	names     map[string]bool
	loops     map[*analyze.Loop]string
	processes map[*analyze.Process]string
	key       []byte
}

type functionKey struct{ name, file string }

type locationKey struct {
	process            *analyze.Process
	file, name, method string
	line               int
}

type defKey struct {
	process    *analyze.Process
	file, name string
}

// namesKept is how many names of tasks are told apart. Programs number them, and then each would be a sample of its own.
const namesKept = 1000

func newTable(res *analyze.Result, what string, types ...*profile.ValueType) *table {
	info := &res.Run.Info
	t := &table{
		profile: &profile.Profile{
			SampleType:    types,
			PeriodType:    types[0],
			Period:        1,
			TimeNanos:     max(info.StartedAt, 0),
			DurationNanos: max(info.DurationNS, 0),
			Comments:      []string{"looptrace " + clean(res.Tool) + ": " + what},
		},
		mappings: map[string]*profile.Mapping{}, functions: map[functionKey]*profile.Function{},
		locations: map[locationKey]*profile.Location{}, samples: map[string]*profile.Sample{}, defs: map[defKey]int{},
		names: map[string]bool{}, loops: map[*analyze.Loop]string{}, processes: map[*analyze.Process]string{},
	}
	if len(info.Command) > 0 {
		words := wording.Phraser{}
		t.profile.Comments = append(t.profile.Comments, words.Command(info.Command))
	}
	if missing := wording.Missing(&res.Run.Health); missing != "" {
		t.profile.Comments = append(t.profile.Comments, "incomplete recording: "+missing)
	}
	for _, p := range res.Run.Processes {
		t.mapping(p) // the first one names the profile
	}
	return t
}

// add adds values to the sample of a stack, innermost frame first, with labels.
func (t *table) add(stack []*profile.Location, labels map[string]string, values ...int64) {
	t.key = t.key[:0]
	for _, l := range stack {
		t.key = strconv.AppendUint(append(t.key, ' '), l.ID, 36)
	}
	for _, k := range labelKeys {
		t.key = append(append(t.key, 0), labels[k]...)
	}
	sample := t.samples[string(t.key)]
	if sample == nil {
		sample = &profile.Sample{Location: stack, Value: make([]int64, len(values)), Label: map[string][]string{}}
		for k, v := range labels {
			if v != "" {
				sample.Label[k] = []string{v}
			}
		}
		t.samples[string(t.key)] = sample
		t.profile.Sample = append(t.profile.Sample, sample)
	}
	for i, v := range values {
		if sample.Value[i] += v; sample.Value[i] < 0 { // the times of a damaged trace
			sample.Value[i] = math.MaxInt64
		}
	}
}

func (t *table) mapping(p *analyze.Process) *profile.Mapping {
	file := program(p)
	m := t.mappings[file]
	if m == nil {
		// A reader that has functions, files and lines looks for no binary.
		m = &profile.Mapping{
			ID: uint64(len(t.mappings) + 1), File: file,
			HasFunctions: true, HasFilenames: true, HasLineNumbers: true, HasInlineFrames: true,
		}
		t.mappings[file] = m
		t.profile.Mapping = append(t.profile.Mapping, m)
	}
	return m
}

// define remembers where the function of a task begins, which its frames do not say.
func (t *table) define(task *analyze.Task) {
	if s := task.Site; s != nil && s.Def.File != "" && s.Def.Line > 0 {
		t.defs[defKey{task.Process, s.Def.File, s.Def.Qualname}] = s.Def.Line
	}
}

// location returns the location of a frame. Locations have no addresses: pprof tells them apart by function and line, also
// between the profiles of two runs.
func (t *table) location(p *analyze.Process, f *analyze.Frame) *profile.Location {
	key := locationKey{p, f.File, f.Function, f.Qualname, f.Line}
	l := t.locations[key]
	if l == nil {
		def := t.defs[defKey{p, f.File, f.Qualname}]
		l = t.newLocation(p, function(p, f), wording.Middle(wording.Clean(f.File, false), pathColumns, false), f.Line, def)
		t.locations[key] = l
	}
	return l
}

// note returns a location that is no line of a program.
func (t *table) note(p *analyze.Process, text string) *profile.Location {
	key := locationKey{p, "", "", text, 0}
	l := t.locations[key]
	if l == nil {
		l = t.newLocation(p, text, "", 0, 0)
		t.locations[key] = l
	}
	return l
}

func (t *table) newLocation(p *analyze.Process, name, file string, line, def int) *profile.Location {
	key := functionKey{name, file}
	fn := t.functions[key]
	if fn == nil {
		// Without a name of the system's, readers do not take parts of the name for parameters of C++ and leave them out.
		fn = &profile.Function{ID: uint64(len(t.functions) + 1), Name: name, Filename: file, StartLine: int64(def)}
		t.functions[key] = fn
		t.profile.Function = append(t.profile.Function, fn)
	}
	l := &profile.Location{ID: uint64(len(t.profile.Location) + 1), Mapping: t.mapping(p), Line: []profile.Line{{Function: fn, Line: int64(line)}}}
	t.profile.Location = append(t.profile.Location, l)
	return l
}

// labelKeys are the labels that samples have.
var labelKeys = []string{"process", "loop", "task", "test", "state", "waiting_for", "known"}

func (t *table) taskLabels(l leftover) map[string]string {
	labels := map[string]string{"process": t.processName(l.task.Process), "loop": t.loopName(l.task.Loop), "state": "pending", "known": clean(l.task.Known)}
	if named(l.task) {
		labels["task"] = t.taskName(clean(l.task.Name))
	}
	if l.task.Test != nil {
		labels["test"] = clean(l.task.Test.Name)
	}
	if l.live != nil {
		labels["state"] = l.live.State
		if l.live.State == "suspended" {
			labels["waiting_for"] = waitingFor(l.live.On.Kind)
		}
	}
	return labels
}

func (t *table) waitLabels(w *analyze.Waited) map[string]string {
	labels := map[string]string{"process": t.processName(w.Process), "loop": t.loopName(w.Loop), "waiting_for": waitingFor(w.On)}
	if w.Test != nil {
		labels["test"] = clean(w.Test.Name)
	}
	return labels
}

func waitingFor(kind string) string {
	if kind == "none" {
		return ""
	}
	return clean(kind)
}

func (t *table) taskName(name string) string {
	if !t.names[name] && len(t.names) >= namesKept {
		return "(others)"
	}
	t.names[name] = true
	return name
}

// processName returns "1 app.py": the number that looptrace gave it, which is the same in the next run.
func (t *table) processName(p *analyze.Process) string {
	if p == nil {
		return ""
	}
	name, ok := t.processes[p]
	if !ok {
		file := program(p)
		name = strings.TrimSpace(fmt.Sprint(p.ID, " ", clean(file[strings.LastIndexByte(file, '/')+1:])))
		t.processes[p] = name
	}
	return name
}

// loopName returns "1 _UnixSelectorEventLoop".
func (t *table) loopName(l *analyze.Loop) string {
	if l == nil {
		return ""
	}
	name, ok := t.loops[l]
	if !ok {
		class := l.Class
		if i := strings.LastIndexByte(class, '.'); i >= 0 && i+1 < len(class) {
			class = class[i+1:]
		}
		name = strings.TrimSpace(fmt.Sprint(l.ID, " ", clean(class)))
		t.loops[l] = name
	}
	return name
}
