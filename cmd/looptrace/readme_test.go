package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/analyze/rule"
	"github.com/looptrace/looptrace/report"
)

//go:generate go test . -run ^TestReadmeRules$ -count=1 -update

const (
	rulesBegin = "<!-- rules: written by go generate, from the metadata of the rules -->\n"
	rulesEnd   = "<!-- rules end -->\n"
)

// The table of rules in docs/rules.md is what the metadata says; -update writes it.
func TestReadmeRules(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "rules.md")
	text := textOf(t, path)
	before, rest, found := strings.Cut(text, rulesBegin)
	old, after, closed := strings.Cut(rest, rulesEnd)
	if !found || !closed {
		t.Fatalf("%s has no place for the rules between %q and %q", path, rulesBegin, rulesEnd)
	}
	want := ruleTable()
	if *update {
		if old == want {
			return
		}
		if err := os.WriteFile(path, []byte(before+rulesBegin+want+rulesEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, old); diff != "" {
		t.Errorf("%s is stale, go generate ./... renews it (-want +got):\n%s", path, diff)
	}
}

func ruleTable() string {
	var b strings.Builder
	b.WriteString("| rule | severity | reports | causes told apart |\n| --- | --- | --- | --- |\n")
	for _, r := range rule.All() {
		causes := make([]string, 0, len(r.Causes))
		for _, c := range r.Causes {
			causes = append(causes, c.ID)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.ID, r.Severity, r.Title, strings.Join(causes, ", "))
	}
	return b.String()
}

// timed finds the lines of a report that are different each time: times, and how they wrap.
var timed = regexp.MustCompile(`[0-9] (s|ms|us)\b|^ {20}|^incomplete| in all|note`)

// The run that the README shows is what looptrace says today.
func TestReadmeShowsARealRun(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	readme := words(textOf(t, filepath.Join("..", "..", "README.md")))
	t.Chdir(filepath.Join("..", ".."))
	t.Setenv("COLUMNS", "90")
	var problems []string
	for range 3 { // on a busy machine the program may be seen to do more
		if problems = notShown(t, readme); len(problems) == 0 {
			return
		}
	}
	t.Error(strings.Join(problems, "\n"))
}

// notShown runs the example and returns what looptrace says of it that is not in the README.
func notShown(t *testing.T, readme string) (problems []string) {
	t.Helper()
	dir := t.TempDir()
	trace := filepath.Join(dir, "t.ltrace")
	said := transcript(t, dir, "run", "-o", trace, "--", "python3", filepath.Join("testdata", "example", "app.py"))
	_, said, found := strings.Cut(said, "looptrace: ")
	said, _, _ = strings.Cut(said, "looptrace: trace:")
	said = regexp.MustCompile(`, [0-9]+ notes?`).ReplaceAllString(said, "") // of a busy machine
	if !found || !strings.Contains(readme, words("looptrace: "+said)) {
		problems = append(problems, "the README does not show what looptrace run says of testdata/example/app.py:\n"+said)
	}
	report, _, _ := strings.Cut(transcript(t, dir, "report", trace), "\nnote[")
	for _, line := range strings.Split(report, "\n") {
		if !timed.MatchString(line) && !strings.Contains(readme, words(line)) {
			problems = append(problems, "the README does not show this line of looptrace report: "+line)
		}
	}
	return problems
}

// And so is that of the Go example.
func TestReadmeShowsARealGoRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library")
	}
	readme := words(textOf(t, filepath.Join("..", "..", "README.md")))
	t.Chdir(filepath.Join("..", ".."))
	t.Setenv("COLUMNS", "90")
	dir := t.TempDir()
	said := transcript(t, dir, "run", "-o", filepath.Join(dir, "t.ltrace"), "--", "go", "test", "./testdata/example/pool")
	_, said, found := strings.Cut(said, "looptrace: ")
	said, _, _ = strings.Cut(said, "looptrace: trace:")
	if !found || !strings.Contains(readme, words("looptrace: "+said)) {
		t.Errorf("the README does not show what looptrace run says of testdata/example/pool:\n%s", said)
	}
}

// The README says how many rules there are.
func TestReadmeCountsTheRules(t *testing.T) {
	if want := fmt.Sprintf("**Rules.** %d of them", len(rule.All())); !strings.Contains(textOf(t, filepath.Join("..", "..", "README.md")), want) {
		t.Errorf("the README does not say %q", want)
	}
}

// transcript runs a verb and returns what it and the program write.
func transcript(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := os.CreateTemp(dir, "out-*")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	Main(args, os.Stdin, out, out)
	return textOf(t, out.Name())
}

// words are the words of a text, without the mark of looptrace: where it was wrapped does not matter.
func words(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "looptrace: ", "")), " ")
}

func textOf(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// documents are all texts that a user or contributor is meant to read, by their paths.
func documents(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(docs) == 0 {
		t.Fatalf("no documents in docs: %v", err)
	}
	for _, name := range []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md"} {
		docs = append(docs, filepath.Join(root, name))
	}
	return docs
}

// Every file that the documents name is there.
func TestDocumentsNameFilesThatExist(t *testing.T) {
	named := regexp.MustCompile("`((?:cmd|recorder|analyze|report|testdata|bench|docs|\\.ci)/[A-Za-z0-9_./-]*)`")
	for _, doc := range documents(t) {
		for _, m := range named.FindAllStringSubmatch(textOf(t, doc), -1) {
			if _, err := os.Stat(filepath.Join("..", "..", m[1])); err != nil {
				t.Errorf("%s names %s: %v", doc, m[1], err)
			}
		}
	}
}

// Every link between the documents leads to a file, and to a heading of it.
func TestDocumentsLinkToWhatExists(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	linked := make(map[string]bool)
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(textOf(t, doc), -1) {
			target := doc
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(doc), m[1])
			}
			linked[target] = true
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", doc, m[1], err)
			} else if m[2] != "" && !slices.Contains(anchors(textOf(t, target)), m[2]) {
				t.Errorf("%s links to %s%s: there is no such heading", doc, m[1], m[2])
			}
		}
	}
	for _, doc := range documents(t) {
		if strings.HasPrefix(doc, filepath.Join("..", "..", "docs")) && !linked[doc] {
			t.Errorf("nothing links to %s", doc)
		}
	}
}

// anchors are those that GitHub makes of the headings of a text.
func anchors(text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		kept := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found = append(found, "#"+strings.ReplaceAll(kept, " ", "-"))
	}
	return found
}

// Every command has its place in the README.
func TestReadmeHasEveryCommand(t *testing.T) {
	readme := words(textOf(t, filepath.Join("..", "..", "README.md")))
	for _, c := range newRootCommand(&environment{getenv: os.Getenv}).Commands() {
		if name := c.Name(); name != "help" && !strings.Contains(readme, "`looptrace "+name) {
			t.Errorf("the README does not mention looptrace %s", name)
		}
	}
}

// Every format has its row in docs/reports.md, with the file that --report writes.
func TestDocumentsHaveEveryFormat(t *testing.T) {
	readme := textOf(t, filepath.Join("..", "..", "docs", "reports.md"))
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (?:`([^`]+)`|to the [a-z]+) \\| .+ \\|$").FindAllStringSubmatch(readme, -1)
	var got, want []string
	for _, row := range rows {
		got = append(got, row[1]+" "+row[2])
	}
	for _, f := range report.Formats() {
		want = append(want, f.Name+" "+f.File)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table of formats (-want +got):\n%s", diff)
	}
}
