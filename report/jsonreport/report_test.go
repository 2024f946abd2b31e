package jsonreport

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// sample is a result in which every field of the contract has a value.
func sample() *analyze.Result {
	code := 1
	at := &analyze.Frame{File: "/app/app.py", Line: 16, Function: "shutdown", Qualname: "Bot.shutdown", Text: "loop.close()", User: true}
	stack := []analyze.Frame{*at, {File: "/usr/lib/python3.12/asyncio/events.py", Line: 88, Function: "_run"}}
	p := &analyze.Process{ID: 1, PID: 100, Main: true, Runtime: "cpython 3.12.1", Recorder: "python", Argv: []string{"app.py"}}
	child := &analyze.Process{ID: 2, PID: 101, Parent: p, Exit: analyze.Exit{Signal: 9}}
	l := &analyze.Loop{ID: 1, Process: p, Class: "L", Thread: "MainThread", At: at}
	main := &analyze.Task{
		ID: 1, Process: p, Loop: l, Name: "main", Site: &analyze.Site{Coro: "main", Stack: stack, At: at}, SpawnedNS: 1, EndedNS: 9,
		Steps: 2, BusyNS: 5, Outcome: "raised", Exception: &analyze.Exception{Type: "RuntimeError", Message: "Event loop is closed"},
	}
	conn := &analyze.Task{
		ID: 2, Process: p, Loop: l, Site: &analyze.Site{Via: "asyncio/streams.py:connection_made"}, Parent: main, Outcome: "pending",
		Cancels: []analyze.Cancel{{TimeNS: 4, By: main, Stack: stack, At: at}, {TimeNS: 5}},
	}
	l.Runs = []*analyze.LoopRun{{Loop: l, API: "run_forever", Thread: "MainThread", BeginNS: 1, EndNS: 8, At: at, Target: main, Exception: "E"}, {Loop: l}}
	live := []*analyze.Live{
		{Task: conn, State: "suspended", Awaiting: stack, At: at, On: analyze.On{Kind: "task", Task: main}},
		{Task: main, State: "running", On: analyze.On{Kind: "none"}},
	}
	c := &analyze.Close{Loop: l, Process: p, TimeNS: 6, Outcome: "refused", Thread: "MainThread", Task: main, Signal: 15, Stack: stack, At: at, Live: live}
	p.Exit = analyze.Exit{Observed: true, Code: &code, Live: live}
	return &analyze.Result{
		Run: &analyze.Run{
			Info: tracefile.RunInfo{
				Command: []string{"python", "app.py"}, StartedAt: 1_700_000_000_123_456_789, DurationNS: 10, Ended: true, ExitCode: 1,
			},
			Processes: []*analyze.Process{p, child},
			Loops:     []*analyze.Loop{l},
			Closes:    []*analyze.Close{c, {Index: 1, Loop: l, Process: p, TimeNS: 7, Implicit: true}},
			Tasks:     []*analyze.Task{main, conn},
			Health:    analyze.Health{Events: 12, Notes: []string{"a <note> & more"}},
		},
		Findings: []analyze.Finding{
			{
				Rule: "close-running-loop", Severity: analyze.Error, Cause: "close-in-coroutine", Message: "it is running", At: at, Process: p,
				Loop: l, Close: c, Tasks: []*analyze.Task{main}, Subjects: []string{"coro:x"},
				Evidence: []analyze.Evidence{{Text: "seen", At: at, TimeNS: 3}, {Text: "no time", TimeNS: -1}},
				Fix:      analyze.Fix{Summary: "do", Code: "x"}, Fingerprint: "ab",
			},
			{Rule: "killed-by-signal", Severity: analyze.Note, Message: "killed"},
		},
	}
}

func render(t *testing.T, res *analyze.Result) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Render(&buf, res); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReportFollowsItsSchema(t *testing.T) {
	s := validator(t)
	for name, res := range map[string]*analyze.Result{"full": sample(), "empty": {Run: &analyze.Run{}}} {
		out := render(t, res)
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestSchemaIsWhole pins that the schema describes every field that is written, and requires all but exception.message.
func TestSchemaIsWhole(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal([]byte(Schema()), &doc); err != nil {
		t.Fatal(err)
	}
	defs := doc["$defs"].(map[string]any)
	var check func(path string, typ reflect.Type, node map[string]any)
	check = func(path string, typ reflect.Type, node map[string]any) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct {
			return
		}
		if ref, ok := node["$ref"].(string); ok {
			node = defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		}
		if either, ok := node["oneOf"].([]any); ok {
			check(path, typ, either[1].(map[string]any))
			return
		}
		if items, ok := node["items"].(map[string]any); ok {
			check(path, typ, items)
			return
		}
		props, _ := node["properties"].(map[string]any)
		required, _ := node["required"].([]any)
		if len(props) != typ.NumField() {
			t.Errorf("%s: %d fields, %d in the schema", path, typ.NumField(), len(props))
		}
		for i := range typ.NumField() {
			tag := typ.Field(i).Tag.Get("json")
			name, opts, _ := strings.Cut(tag, ",")
			prop, ok := props[name].(map[string]any)
			if !ok {
				t.Errorf("%s.%s is not in the schema", path, name)
				continue
			}
			if opts == "" && !contains(required, name) {
				t.Errorf("%s.%s is not required", path, name)
			}
			check(path+"."+name, typ.Field(i).Type, prop)
		}
	}
	check("report", reflect.TypeFor[report](), doc)
}

func contains(list []any, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// TestListsAreNeverNull renders the emptiest of everything.
func TestListsAreNeverNull(t *testing.T) {
	p := &analyze.Process{}
	l := &analyze.Loop{Process: p}
	task := &analyze.Task{Process: p}
	out := render(t, &analyze.Result{
		Run: &analyze.Run{
			Processes: []*analyze.Process{p}, Loops: []*analyze.Loop{l}, Tasks: []*analyze.Task{task},
			Closes: []*analyze.Close{{Loop: l, Process: p, Live: []*analyze.Live{{Task: task}}}},
		},
		Findings: []analyze.Finding{{}},
	})
	for _, name := range []string{
		"command", "argv", "live", "runs", "stack", "creation_stack", "cancels", "tasks", "subjects", "evidence", "notes", "awaiting",
		"processes", "loops", "closes", "findings",
	} {
		if bytes.Contains(out, []byte(`"`+name+`": null`)) || !bytes.Contains(out, []byte(`"`+name+`": [`)) {
			t.Errorf("%s is not a list:\n%s", name, out)
		}
	}
}

func TestReportIsStable(t *testing.T) {
	a, b := render(t, sample()), render(t, sample())
	if !bytes.Equal(a, b) {
		t.Error("two reports of one result differ")
	}
	for _, want := range []string{`"started_at": "2023-11-14T22:13:20.123456789Z"`, `"a <note> & more"`, `"time_ns": null`, `"outcome": null`} {
		if !bytes.Contains(a, []byte(want)) {
			t.Errorf("%s is missing:\n%s", want, a)
		}
	}
	if i, j := bytes.Index(a, []byte(`"run": {`)), bytes.Index(a, []byte(`"health": {`)); i < 0 || j < i {
		t.Error("fields are out of order")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func TestRenderTellsOfAFailedWrite(t *testing.T) {
	if err := Render(failing{}, sample()); err == nil {
		t.Error("no error")
	}
}
