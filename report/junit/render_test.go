package junit

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/goldentest"
)

func render(t *testing.T, res *analyze.Result, family string) (testsuites, string) {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, res, Options{Root: goldentest.Root, Family: family}); err != nil {
		t.Fatal(err)
	}
	var got testsuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	return got, b.String()
}

// The XML is well-formed and holds nothing that XML cannot; errors and nothing else are failures.
func TestEveryFindingIsACase(t *testing.T) {
	plain := regexp.MustCompile(`^\d+\.\d{3}$`)
	goldentest.Each(t, func(t *testing.T, res *analyze.Result) {
		got, text := render(t, res, XUnit2)
		failing := 0
		for _, f := range res.Findings {
			if f.Severity == analyze.Error {
				failing++
			}
		}
		if got.Failures != failing || got.Tests < len(res.Findings) || got.Tests == 0 {
			t.Errorf("%d of %d fail, of %d findings %d are errors", got.Failures, got.Tests, len(res.Findings), failing)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) || strings.Contains(text, "]]>") {
			t.Error("characters that act")
		}
		for _, s := range got.Suites {
			seen := map[string]bool{}
			for _, c := range s.Cases {
				if seen[c.Classname+c.Name] || !plain.MatchString(c.Time) || c.File != "" || c.Line != 0 {
					t.Errorf("%+v", c)
				}
				seen[c.Classname+c.Name] = true
			}
		}
	})
}

// tested is a run of four tests: an error in the first, a warning in the second, a note in the third, nothing in the last.
func withTests(t *testing.T) *analyze.Result {
	t.Helper()
	res := goldentest.Judge(t, goldentest.Traces(t)["deadlock"])
	p := res.Run.Processes[0]
	for i, c := range []struct{ name, function string }{
		{"tests/test_mail.py::TestBox::test_send[a::b.c]", "test_send[a::b.c]"},
		{"tests/test_mail.py::test_read", "test_read"},
		{"tests.test_mail.TestBox.test_note", "test_note"},
		{"tests/test_mail.py::test_clean", "test_clean"},
	} {
		res.Run.Tests = append(res.Run.Tests, &analyze.Test{
			ID: i + 1, Process: p, Name: c.name, Function: c.function, File: "/app/tests/test_mail.py", Line: 10 + i, BeginNS: 1e9, EndNS: 1e9 + 5e8,
		})
	}
	tests := res.Run.Tests
	note := res.Findings[2]
	note.Severity = analyze.Note
	res.Findings[0].Tests, res.Findings[2].Tests, note.Tests = tests[:1], tests[:2], tests[2:3]
	res.Findings = append(res.Findings, note)
	return res
}

func TestCasesAreTests(t *testing.T) {
	got, text := render(t, withTests(t), GitLab)
	var said []string
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			state := "passed"
			if c.Failure != nil {
				state = "failed " + c.Failure.Type
			} else if c.Skipped != nil {
				state = "skipped " + c.Skipped.Type
			}
			said = append(said, fmt.Sprintf("%s: %s %s %s %s:%d %s", s.Name, c.Classname, c.Name, c.Time, c.File, c.Line, state))
		}
	}
	want := `looptrace: looptrace.tests.test_mail.TestBox test_send[a::b.c] 0.500 tests/test_mail.py:10 failed deadlock
looptrace: looptrace.tests.test_mail test_read 0.500 tests/test_mail.py:11 skipped cancel-swallowed
looptrace: looptrace.tests.test_mail.TestBox test_note 0.500 tests/test_mail.py:12 passed
looptrace: looptrace.tests.test_mail test_clean 0.500 tests/test_mail.py:13 passed
looptrace: in no test: looptrace.pending-at-close <module> in app.py 0.000 app.py:31 failed pending-at-close`
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !strings.Contains(text, "(and 1 more finding)") {
		t.Error("the second finding of a test is not told")
	}
	goldentest.Compare(t, "four_tests.xml", []byte(text))
}

// Who lets warnings fail the pipeline sees them as failures, and an excepted error as none.
func TestFails(t *testing.T) {
	var b bytes.Buffer
	err := Render(&b, withTests(t), Options{Fails: func(rule string, _ analyze.Severity) bool { return rule == "cancel-swallowed" }})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<failure type="cancel-swallowed"`, `<skipped type="pending-at-close" message="error: `, `failures="3"`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

// A test that ran twice is one case, which fails if it failed once.
func TestRepeatedTests(t *testing.T) {
	res := withTests(t)
	again := *res.Run.Tests[0]
	res.Run.Tests = append([]*analyze.Test{&again}, res.Run.Tests...)
	if got, _ := render(t, res, XUnit2); got.Tests != 5 || got.Suites[0].Cases[0].Failure == nil {
		t.Errorf("%d cases", got.Tests)
	}
}

func TestLimits(t *testing.T) {
	res := withTests(t)
	failing := res.Run.Tests[0]
	res.Run.Tests = nil
	for i := range casesTaken + 10 {
		res.Run.Tests = append(res.Run.Tests, &analyze.Test{Name: fmt.Sprintf("t::%d", i), Function: fmt.Sprint(i)})
	}
	res.Run.Tests = append(res.Run.Tests, failing)
	for range 2000 {
		res.Findings = append(res.Findings, res.Findings[0])
	}
	got, text := render(t, res, XUnit2)
	if cases := got.Suites[0].Cases; len(cases) != casesTaken || cases[casesTaken-1].Failure == nil {
		t.Errorf("%d cases", len(cases))
	}
	if len(text) > 30e6 {
		t.Errorf("%d bytes", len(text))
	}
	if !strings.Contains(text, "more findings: looptrace report TRACE has them all") {
		t.Error("what was left out is not said")
	}
}
