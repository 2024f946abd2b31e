package analyze

import "testing"

func TestGoStandard(t *testing.T) {
	for _, c := range []struct {
		file, qualname string
		want           bool
	}{
		{"/cache/looptrace/go1.25.8/src/runtime/proc.go", "runtime.gopark", true},
		{"/old/go/src/net/http/server.go", "net/http.(*Server).Serve.func1", true},
		{"/old/go/src/slices/sort.go", "slices.SortFunc[go.shape.[]example.com/x.T]", true},
		{"/home/x/src/app/runtime/proc.go", "example.com/app/runtime.gopark", false},
		{"/home/x/log/log.go", "log.Print", false},
		{"/home/x/src/app/main.go", "main.main", false},
		{"/home/x/src/main/main.go", "main.main", false},
		{"proc.go", "runtime.gopark", false},
		{"", "", false},
	} {
		if got := goStandard(&Frame{File: c.file, Qualname: c.qualname}); got != c.want {
			t.Errorf("goStandard(%q, %q) = %v", c.file, c.qualname, got)
		}
	}
}

func TestGoLibrary(t *testing.T) {
	for file, want := range map[string]bool{
		"runtime/proc.go":                       true, // with -trimpath from here
		"net/http/server.go":                    true,
		"internal/poll/fd.go":                   true,
		"vendor/golang.org/x/net/x.go":          true,
		"github.com/a/b@v1.2.3/b.go":            true,
		"example.com/app/main.go":               false,
		"app/pool/pool.go":                      false,
		"./main.go":                             false,
		"main.go":                               false,
		"/home/me/go/pkg/mod/a.b/c@v1.0.0/c.go": true,
		"/home/x/app/vendor/a.b/c/c.go":         true,
		"/home/x/app/main.go":                   false,
		"_testmain.go":                          true,
		"_cgo_gotypes.go":                       true,
		"/home/x/app/internal/poll/handle.go":   false,
	} {
		if got := goLibrary(file); got != want {
			t.Errorf("goLibrary(%q) = %v", file, got)
		}
	}
}
