package analyze

import (
	"slices"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Test is one test of a test runner that opened a loop or made a task.
type Test struct {
	ID             int
	Process        *Process
	Runner         string // "pytest", "unittest", "go test"
	Name           string // as its runner names it: "tests/test_mail.py::TestBox::test_send[2]", "tests.test_mail.TestBox.test_send"
	File           string // absolute; "" if it is not known
	Line           int    // of its function; 0 if it is not known
	Class          string // "" if it is in none
	Function       string // with its parameters: "test_send[2]"
	BeginNS, EndNS int64  // EndNS: when the next one began, or the process ended; of a Go test, when it ended, 0 if it did not
	Task           *Task  // Go: the goroutine that runs it; nil otherwise
}

// Turn is a stretch of time in which one test ran, in one phase.
type Turn struct {
	TimeNS int64  // when it began; the next one ends it
	Test   *Test  // nil: none
	Phase  string // "setup", "call", "teardown"
	// Fixture is the scope of the fixture that was being set up or torn down, where that serves more tests than this one:
	// "class", "module", "package", "session", "undetermined". What is done in its place is not the test's.
	Fixture string
}

// TurnAt returns what ran at a moment. Test is nil if no test did.
func (p *Process) TurnAt(ns int64) Turn {
	if p == nil {
		return Turn{}
	}
	i, _ := slices.BinarySearchFunc(p.Turns, ns, func(t Turn, ns int64) int {
		if t.TimeNS <= ns {
			return -1
		}
		return 1
	})
	if i == 0 {
		return Turn{}
	}
	return p.Turns[i-1]
}

// Caller returns the line of a test, or of a fixture, that had a helper spawn the task: the outermost line of the program on
// the stack of its creation. nil if that spawned it itself, or if no test did.
func (t *Task) Caller() *Frame {
	if t.Test == nil || t.Site == nil || t.Site.At == nil {
		return nil
	}
	var outermost *Frame
	for i := range t.Site.Stack {
		if f := &t.Site.Stack[i]; f.User {
			outermost = f
		}
	}
	if outermost == nil || outermost.same(t.Site.At) {
		return nil
	}
	return outermost
}

// maxTurns bounds the turns of one process.
const maxTurns = 1 << 20

// testBegun takes in that another test runs, or none.
func (p *proc) testBegun(e *tracefile.Event) {
	if len(p.pub.Turns) >= maxTurns {
		p.omitted++
		return
	}
	t := p.test(e.Attrs.Get("runner"), e.Name, e.Attrs.Get("class"))
	if runs := p.task(e.Task, nil); runs != nil && t != nil {
		runs.made = &Turn{TimeNS: p.b.rel(e.Time), Test: t, Phase: e.Attrs.Get("phase")}
		p.runTest(runs, t)
		return
	}
	if def := p.frameAttr(e, "def_stack"); t != nil && def != nil {
		t.File, t.Line = def.File, def.Line
		p.source(t).exact = true
	}
	p.turn(Turn{
		TimeNS: p.b.rel(e.Time), Test: t,
		Phase: e.Attrs.Get("phase"), Fixture: wider(e.Attrs.Get("scope")),
	})
}

// wider returns the scope of a fixture that serves more tests than one, "" for any other.
func wider(scope string) string {
	switch scope {
	case "", "function":
		return ""
	case "class", "module", "package", "session":
		return scope
	}
	return "undetermined"
}

func (p *proc) turn(t Turn) {
	if p.at != nil && p.at.Test != nil {
		p.at.Test.EndNS = t.TimeNS
	}
	p.pub.Turns = append(p.pub.Turns, t)
	p.at = &t
}

// test returns the test of that name, nil if the name is empty.
func (p *proc) test(runner, name, class string) *Test {
	if name == "" {
		return nil
	}
	key := runner + "\x00" + name
	if t := p.tests[key]; t != nil {
		return t
	}
	t := &Test{ID: len(p.b.run.Tests) + 1, Process: p.pub, Runner: runner, Name: strings.Clone(name), BeginNS: p.b.rel(p.last)}
	t.Class, t.Function = partsOf(runner, t.Name, class)
	if p.tests == nil {
		p.tests = map[string]*Test{}
	}
	p.tests[key] = t
	p.b.run.Tests = append(p.b.run.Tests, t)
	return t
}

// partsOf returns the class and the function in a test's name. class is what the recorder says of it, "" if it does not.
func partsOf(runner, name, class string) (string, string) {
	if runner == goTest {
		return class, name
	}
	if runner != "pytest" {
		return class, name[strings.LastIndexByte(name, '.')+1:]
	}
	_, inFile, _ := strings.Cut(name, "::")
	plain, parameters := inFile, ""
	if i := strings.IndexByte(inFile, '['); i >= 0 {
		plain, parameters = inFile[:i], inFile[i:]
	}
	i := strings.LastIndex(plain, "::")
	if i < 0 {
		return "", plain + parameters
	}
	return strings.ReplaceAll(plain[:i], "::", "."), plain[i+2:] + parameters
}

// inheritTurn lets the test that forked a process go on in it.
func (p *proc) inheritTurn(from *proc) {
	if from.at == nil || from.at.Test == nil || p.at != nil {
		return
	}
	t := from.at.Test
	p.turn(Turn{TimeNS: p.pub.StartedNS, Test: p.test(t.Runner, t.Name, t.Class), Phase: from.at.Phase, Fixture: from.at.Fixture})
}

// runTest takes in that a goroutine runs a test, alone or beside others.
func (p *proc) runTest(runs *task, t *Test) {
	t.Task = runs.public()
	t.BeginNS = p.b.rel(p.last)
	if p.running == nil {
		p.running = map[*task]*Test{}
	}
	if before := p.running[runs]; before != nil && before != t && before.EndNS == 0 { // examples run one after the other
		before.EndNS = t.BeginNS
	}
	p.running[runs] = t
}

// madeBy returns the turn to which a task belongs that parent spawned, or nobody: the one of its parent, however late it is,
// else the present one. nil: no test runs.
func (p *proc) madeBy(parent *task) *Turn {
	if parent == nil || parent.made == nil || parent.made.Test == nil || servesTests(parent.site) {
		return p.at
	}
	return parent.made
}

// servesTests reports whether the tasks of a site run one test after the other in their own steps, as anyio's does. What they
// spawn belongs to the test that runs.
func servesTests(s *siteCount) bool {
	return s != nil && s.Site != nil && !s.Site.Def.User && strings.HasSuffix(s.Site.Coro, "._run_tests_and_fixtures")
}

// belongsTo gives a loop that is opened now to a test.
func (l *loop) belongsTo(p *proc, th *thread) {
	if t := p.madeBy(th.step); t != nil {
		l.pub.Test, l.pub.Fixture = t.Test, t.Fixture
	}
}

// finishTests completes the tests of a process at the end of its trace.
func (p *proc) finishTests() {
	if p.at != nil && p.at.Test != nil && p.pub.Exit.TimeNS > p.at.TimeNS {
		p.at.Test.EndNS = p.pub.Exit.TimeNS
	}
	if x := &p.pub.Exit; x.Code == nil || *x.Code > 1 { // a test binary that got to its end exits with 0 or 1
		return
	}
	for _, t := range p.running {
		if t.EndNS == 0 && strings.HasPrefix(t.Function, "Example") { // on the main goroutine, which does not end
			t.EndNS = p.pub.Exit.TimeNS
		}
	}
}
