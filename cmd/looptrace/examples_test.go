package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// suite stands in for pytest: one test leaks, and another one if it is told to.
const suite = `import asyncio

async def worker():
    await asyncio.sleep(60)

async def start():
    asyncio.create_task(worker())
    await asyncio.sleep(0)

def test_known():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(start())
    loop.close()

def test_added():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(start())
    loop.close()

test_known()
if "added" in open("leaks").read():
    test_added()
`

// project is a repository with such tests, and the commands of an example run in it.
type project struct {
	dir     string
	environ []string
}

func newProject(t *testing.T) *project {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	p := &project{dir: t.TempDir()}
	for name, text := range map[string]string{
		"pytest.py": suite, "leaks": "", ".git/HEAD": "", "bin/python": "#!/bin/sh\nexec python3 \"$@\"\n",
	} {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.environ = append(os.Environ(), "PATH="+filepath.Join(p.dir, "bin")+":"+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY="+filepath.Join(p.dir, "summary.md"),
		"JOB=tests-py3.14", "PYTHON=3.14", "CI=true", "GITHUB_ACTIONS=true")
	return p
}

// sh runs a command as a CI service does, and returns what it says and its status.
func (p *project) sh(t *testing.T, command string) (said string, status int) {
	t.Helper()
	cmd := exec.Command("sh", "-eu", "-c", command)
	cmd.Dir, cmd.Env = p.dir, p.environ
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (p *project) has(name string) bool {
	info, err := os.Stat(filepath.Join(p.dir, name))
	return err == nil && info.Size() > 0
}

func (p *project) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func example(t *testing.T, name string) string {
	t.Helper()
	return textOf(t, filepath.Join("..", "..", "examples", "ci", name))
}

// command returns the one command of an example that runs looptrace.
func command(t *testing.T, text string) string {
	t.Helper()
	found := regexp.MustCompile(`(?m)^[# ]*(looptrace run (?:.*\\\n)*.*)$`).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%d commands", len(found))
	}
	return found[0][1]
}

// files are the names of the files that an example hands on.
func files(text string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`(?m)^ +(?:path|sarif_file|junit|codequality|paths): \[?([^\]#\n]+)|(?:testResults|pattern|artifacts): '([^']+)'`).FindAllStringSubmatch(text, -1) {
		for _, name := range strings.Split(m[1]+m[2], ",") {
			name = strings.TrimSpace(strings.ReplaceAll(name, "${{ env.JOB }}", "tests-py3.14"))
			if !strings.HasPrefix(name, "bin/") {
				list = append(list, name)
			}
		}
	}
	return list
}

// The commands of the example workflows do what the examples say: with a baseline made as their README tells, known
// findings pass and a new one fails, and every file that is handed on has been written.
func TestExamples(t *testing.T) {
	for _, c := range []struct {
		file  string
		files int
		says  string // of a new finding
	}{
		{"github-actions.yml", 3, "::error "},
		{"gitlab-ci.yml", 3, ""},
		{"Jenkinsfile", 4, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			text := example(t, c.file)
			run := command(t, text)
			if said, status := p.sh(t, run); status != 125 {
				t.Errorf("without a baseline: status %d: %s", status, said)
			}
			if said, status := p.sh(t, command(t, example(t, "README.md"))); status != 0 || !p.has(".looptrace-baseline.json") {
				t.Fatalf("no baseline: status %d: %s", status, said)
			}
			if said, status := p.sh(t, run); status != 0 {
				t.Errorf("known findings: status %d: %s", status, said)
			}
			list := files(text)
			if len(list) != c.files {
				t.Errorf("the example hands on %q", list)
			}
			for _, name := range list {
				if !p.has(name) {
					t.Errorf("%s is not there", name)
				}
				if err := os.Remove(filepath.Join(p.dir, name)); err != nil {
					t.Error(err)
				}
			}
			p.write(t, "leaks", "added")
			said, status := p.sh(t, run)
			if status != exitFailOn || !strings.Contains(said, c.says) {
				t.Errorf("a new finding: status %d: %s", status, said)
			}
			if strings.Contains(run, "--github-summary") && !p.has("summary.md") {
				t.Error("no summary of the step")
			}
		})
	}
}

// The settings that stand beside the examples do what their flags do.
func TestExampleSettings(t *testing.T) {
	p := newProject(t)
	text := example(t, "looptrace.toml")
	p.write(t, "looptrace.toml", text)
	if said, status := p.sh(t, "looptrace --no-config "+strings.TrimPrefix(command(t, example(t, "README.md")), "looptrace ")); status != 0 {
		t.Fatal(said)
	}
	p.write(t, "leaks", "added")
	if said, status := p.sh(t, command(t, text)); status != exitFailOn {
		t.Errorf("status %d: %s", status, said)
	}
	for _, name := range []string{"looptrace.sarif", "looptrace.html", "looptrace-junit.xml"} {
		if !p.has(name) {
			t.Errorf("%s is not there", name)
		}
	}
}
