package gobuild

import (
	"slices"
	"strings"
	"testing"
)

func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		command, want string // with the overlay O
		overlay       string // that was there
		runs          bool
	}{
		{"go build .", "go build -overlay=O .", "", false},
		{"go test", "go test -overlay=O -count=1", "", true},
		{"go test -count 3 ./...", "go test -overlay=O -count 3 ./...", "", true},
		{"go test ./... -count=3", "go test -overlay=O ./... -count=3", "", true},
		{"go test --test.count=3", "go test -overlay=O --test.count=3", "", true},
		{"go test . -args -count=3", "go test -overlay=O -count=1 . -args -count=3", "", true},
		{"go test -c -o x .", "go test -overlay=O -count=1 -c -o x .", "", false},
		{"go test -c=false", "go test -overlay=O -count=1 -c=false", "", true},
		{"go -C d test -v", "go -C d test -overlay=O -count=1 -v", "", true},
		{"go test -C d -v", "go test -C d -overlay=O -count=1 -v", "", true},
		{"go test -C=d", "go test -C=d -overlay=O -count=1", "", true},
		{"go run -race . -overlay x", "go run -overlay=O -race . -overlay x", "", true},
		{"go run -overlay x . -overlay=y", "go run -overlay=O . -overlay=y", "x", true},
		{"go run --overlay=x .", "go run -overlay=O .", "x", true},
		{"go run -tags overlay -exec -overlay . y", "go run -overlay=O -tags overlay -exec -overlay . y", "", true},
		{"go test . -run X -overlay=x", "go test -overlay=O -count=1 . -run X", "x", true},
		{"go install -overlay=x a b", "go install -overlay=O a b", "x", false},
		{"go run", "go run -overlay=O", "", true},
	} {
		l := parseCommand(strings.Fields(c.command))
		if got := strings.Join(l.with("O", nil), " "); got != c.want || l.overlay != c.overlay || l.runs() != c.runs || !l.builds() {
			t.Errorf("%s: %s, overlay %q, runs %t", c.command, got, l.overlay, l.runs())
		}
	}
	for _, command := range []string{"go", "go -C", "go -h", "go vet ./...", "go -C d", "go env -json"} {
		if l := parseCommand(strings.Fields(command)); l.builds() || l.runs() {
			t.Errorf("%s builds", command)
		}
	}
	if got := withFlags("-count=2"); slices.Contains(got, "-count=1") {
		t.Error(got)
	}
}

func withFlags(goflags ...string) []string {
	l := parseCommand([]string{"go", "test"})
	return l.with("O", goflags)
}
