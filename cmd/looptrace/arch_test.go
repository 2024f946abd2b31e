package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/looptrace/looptrace"

// directions says what each package may import of the module and from outside the standard library. The first entry whose
// directory holds the package counts; tests are free to import what they like.
func directions() []struct {
	dir     string
	allowed []string
} {
	return []struct {
		dir     string
		allowed []string
	}{
		{"cmd/looptrace/config", []string{"github.com/BurntSushi/toml", "github.com/clipperhouse/displaywidth"}},
		{"cmd/looptrace", []string{"cmd/looptrace/config", "report", "report/*", "analyze", "analyze/*", "recorder/*", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "golang.org/x/sys/*"}},
		{"report/gantt", []string{"analyze", "report/tasklist", "report/internal/*"}},
		{"report/term", []string{"analyze", "analyze/compare", "report/gantt", "report/tasklist", "report/internal/*", "github.com/clipperhouse/displaywidth", "github.com/olekukonko/tablewriter", "github.com/olekukonko/tablewriter/*"}},
		{"report/html", []string{"analyze", "report/tasklist", "report/internal/*"}},
		{"report/internal/goldentest", []string{"analyze", "analyze/rule", "recorder/tracefile", "github.com/google/go-cmp/cmp", "github.com/rogpeppe/go-internal/txtar"}},
		{"report/perfetto", []string{"analyze", "report/internal/*", "google.golang.org/protobuf/encoding/protowire"}},
		{"report/pprof", []string{"analyze", "report/tasklist", "report/internal/*", "github.com/google/pprof/profile"}},
		{"report/view", []string{
			"analyze", "report/gantt", "report/tasklist", "report/term", "report/internal/*", "charm.land/bubbletea/v2", "github.com/charmbracelet/colorprofile",
		}},
		{"report/", []string{"analyze", "analyze/compare", "report/internal/*", "report/term", "report/jsonreport", "github.com/clipperhouse/displaywidth"}},
		{"report", []string{"analyze", "report/*"}},
		{"analyze/rule", []string{"analyze"}},
		{"analyze/leakprofile", []string{"analyze", "github.com/google/pprof/profile"}},
		{"analyze/gotrace", []string{"analyze", "recorder/tracefile", "golang.org/x/exp/trace"}},
		{"analyze/", []string{"analyze", "recorder/tracefile"}},
		{"analyze", []string{"recorder/tracefile"}},
		{"recorder/tracefile/tracetest", []string{"recorder/tracefile"}},
		{"recorder/tracefile", []string{"recorder/internal/*"}},
		{"recorder/internal/escape", nil},
		{"recorder/launch/", []string{"recorder/tracefile", "golang.org/x/sys/*"}},
		{"recorder/launch", []string{"recorder/launch/*", "recorder/tracefile", "golang.org/x/sys/*", "golang.org/x/term"}},
		{"recorder/python", nil},
		{"recorder", []string{"recorder/internal/*"}},
		{"bench/", []string{"analyze", "analyze/rule", "bench/*", "recorder/*", "report", "report/*"}},
		{"bench", []string{"analyze", "analyze/rule", "bench/*", "recorder/*", "report", "report/*"}},
	}
}

// The import directions hold. The imports are parsed here, for a run of the go command would be invisible to the test
// cache.
func TestImportDirections(t *testing.T) {
	eachFile(t, func(name string, file *ast.File) {
		dir := path.Dir(name)
		allowed, ok := allowedIn(dir)
		if !ok {
			t.Errorf("%s: no import direction is set for this package", dir)
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue // the standard library
			}
			imported = strings.TrimPrefix(imported, module+"/")
			if !slices.ContainsFunc(allowed, func(pattern string) bool { return covers(pattern, imported) }) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	})
}

func allowedIn(dir string) (allowed []string, ok bool) {
	for _, d := range directions() {
		if dir == strings.TrimSuffix(d.dir, "/") && !strings.HasSuffix(d.dir, "/") || strings.HasSuffix(d.dir, "/") && strings.HasPrefix(dir, d.dir) {
			return d.allowed, true
		}
	}
	return nil, false
}

func covers(pattern, imported string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(imported, prefix)
	}
	return pattern == imported
}

// Only the command ends the process or uses its streams.
func TestStreamsBelongToTheCommand(t *testing.T) {
	forbidden := []string{"Exit", "Stdout", "Stderr", "Stdin"}
	eachFile(t, func(name string, file *ast.File) {
		if strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "bench/") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "os" && slices.Contains(forbidden, selector.Sel.Name) {
				t.Errorf("%s uses os.%s", name, selector.Sel.Name)
			}
			return true
		})
	})
}

// No package has an init function.
func TestNoInit(t *testing.T) {
	eachFile(t, func(name string, file *ast.File) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function", name)
			}
		}
	})
}

// eachFile parses every Go file of the module that is no test.
func eachFile(t *testing.T, visit func(name string, file *ast.File)) {
	t.Helper()
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); file != root && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); file != root && err == nil {
				return filepath.SkipDir // another module: tools that the command does not depend on
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files++
		visit(filepath.ToSlash(name), parsed)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d files found", files)
	}
}
