package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/looptrace/looptrace/cmd/looptrace/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// withEnviron returns a command line in a directory of its own with a file, and variables.
func withEnviron(t *testing.T, file string, variables map[string]string) (*environment, *cobra.Command) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "looptrace.toml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	env := &environment{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, getenv: func(name string) string { return variables[name] }}
	return env, newRootCommand(env)
}

// Every setting has a variable of its own, which no other part of looptrace reads.
func TestVariablesAreUnique(t *testing.T) {
	seen := map[string]string{"LOOPTRACE_CONFIG": "--config", "LOOPTRACE_NO_CONFIG": "--no-config"}
	for _, name := range foreignVariables(t) {
		seen[name] = "the code"
	}
	_, root := withEnviron(t, "", nil)
	for _, k := range keys(root) {
		if k.Refused != "" {
			continue
		}
		name := variable(k.Table, k.Name)
		if other, taken := seen[name]; taken {
			t.Errorf("%s.%s: %s is that of %s", k.Table, k.Name, name, other)
		}
		seen[name] = k.Table + "." + k.Name
	}
	if len(seen) < 20 {
		t.Errorf("only %d variables", len(seen))
	}
}

// foreignVariables are the variables with our prefix that the recorder and the tests know.
func foreignVariables(t *testing.T) []string {
	t.Helper()
	pattern := regexp.MustCompile(`LOOPTRACE_[A-Z0-9_]+`)
	var list []string
	for _, dir := range []string{"recorder/python", "recorder/python/looptrace_recorder", "recorder/launch", "recorder/launch/*", "bench", ".ci"} {
		files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
				list = append(list, pattern.FindAllString(textOf(t, name), -1)...)
			}
		}
	}
	if !slices.Contains(list, "LOOPTRACE_SPOOL") {
		t.Fatal("not even the recorder's are found")
	}
	return list
}

// A value for every kind of setting that is not its default.
func other(k config.Key) []string {
	switch {
	case k.Kind == config.List:
		return []string{"one", "two"}
	case k.Kind == config.Ints:
		return []string{"1", "2"}
	case k.Kind == config.Bool && k.Default[0] == "true":
		return []string{"false"}
	case k.Kind == config.Bool:
		return []string{"true"}
	case k.Kind == config.Int || k.Kind == config.Float:
		return []string{"77"}
	}
	return []string{"other"}
}

// Every flag of every verb can be set: by the table of its verb, by a variable, which wins, and on the command line, which
// wins over both. That holds for flags that are yet to come.
func TestEveryFlagCanBeSet(t *testing.T) {
	var file strings.Builder
	_, root := withEnviron(t, "", nil)
	table := ""
	all := keys(root)
	for _, k := range all {
		if k.Refused != "" {
			continue
		}
		if k.Table != table {
			table = k.Table
			fmt.Fprintf(&file, "[%s]\n", table)
		}
		fmt.Fprintf(&file, "%s = %s\n", k.Name, config.Literal(k.Kind, other(k)))
	}
	for _, verb := range verbs(root) {
		verb := verb.Name()
		variables := map[string]string{}
		env, root := withEnviron(t, file.String(), variables)
		cmd, _, err := root.Find([]string{verb})
		if err != nil {
			t.Fatal(err)
		}
		if err := env.settings.read(env, root); err != nil {
			t.Fatal(err)
		}
		for _, f := range ownFlags(cmd) {
			if refused(verb, f) != "" {
				continue
			}
			checkSetting(t, env, verb, f, variables)
		}
	}
}

func checkSetting(t *testing.T, env *environment, verb string, f *pflag.Flag, variables map[string]string) {
	t.Helper()
	key := keyOf(verb, f)
	values, from, err := env.settings.resolve(env, verb, f)
	if err != nil || from.kind != "file" || !slices.Equal(unpathed(values), other(key)) {
		t.Errorf("%s --%s: %q from %s, %v", verb, f.Name, values, from, err)
	}
	text := map[config.Kind]string{config.String: "x", config.Bool: "false", config.Int: "5", config.Float: "2.5", config.List: "a,b", config.Ints: "8,9"}[key.Kind]
	name := variable(verb, f.Name)
	variables[name] = text
	values, from, err = env.settings.resolve(env, verb, f)
	if err != nil || from.String() != name || strings.Join(values, ",") != text {
		t.Errorf("%s --%s: %q from %s, %v", verb, f.Name, values, from, err)
	}
	delete(variables, name)
	if err := assign(pflagSet(f), f, values); err != nil || !f.Changed {
		t.Errorf("%s --%s cannot be set: %v", verb, f.Name, err)
	}
}

func pflagSet(f *pflag.Flag) *pflag.FlagSet {
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	set.AddFlag(f)
	return set
}

// unpathed are the values without the directory that a path got.
func unpathed(values []string) []string {
	list := []string{}
	for _, v := range values {
		list = append(list, filepath.Base(v))
	}
	return list
}

// What config show writes is a file with the same settings.
func TestShownSettingsAreAFile(t *testing.T) {
	file := `
color = "never"
fail-on = "warning"
suppressions = ["a", "b/c"]
source-root = "."
[run]
report = ["json=x.json", "text"]
output = "traces/{pid}.ltrace"
error-exitcode = 3
quiet = true
[tasks]
filter = []
`
	show := func(file string, variables map[string]string) string {
		env, root := withEnviron(t, file, variables)
		if err := showSettings(env, root, "toml"); err != nil {
			t.Fatal(err)
		}
		return env.stdout.(*bytes.Buffer).String()
	}
	first := show(file, map[string]string{"LOOPTRACE_WIDTH": "70", "LOOPTRACE_REPORT_FAIL_ON": "none"})
	second := show(first, nil)
	if diff := cmp.Diff(withoutOrigins(first), withoutOrigins(second)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{`width = 70`, `suppressions = ["a", "b/c"]`, `fail-on = ["none"]`, `filter = []`, `report = ["json=x.json", "text"]`} {
		if !strings.Contains(second, "\n"+want+" ") {
			t.Errorf("%s is not in\n%s", want, second)
		}
	}
}

func withoutOrigins(text string) string {
	return regexp.MustCompile(`(?m) +# \S+$|^# /.*`).ReplaceAllString(text, "")
}

// A file with settings cannot have anything written outside of its directory, unless it was named.
func TestFilesWriteInTheirDirectory(t *testing.T) {
	for _, setting := range []string{`report = ["json=../x.json"]`, `report = ["json=/tmp/x.json"]`, `report = ["json"]`, `output = "../x"`, `output = ".git/x"`} {
		env, root := withEnviron(t, "[run]\n"+setting+"\n", nil)
		if err := os.Symlink("/tmp/x.json", "looptrace.json"); err != nil {
			t.Fatal(err)
		}
		cmd, _, _ := root.Find([]string{"run"})
		err := env.configure(cmd)
		if err == nil || !strings.Contains(err.Error(), "is not in the directory of this file") {
			t.Errorf("%s: %v", setting, err)
		}
		env.settings.path = "looptrace.toml"
		if err := env.configure(cmd); err != nil {
			t.Errorf("%s, in a file that was named: %v", setting, err)
		}
	}
}
