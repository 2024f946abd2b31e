package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestContentHint(t *testing.T) {
	zipped := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(s))
		z.Close()
		return b.String()
	}
	for _, c := range []struct{ name, content, want string }{
		{"newer", "go 1.99 trace\x00\x00\x00rest", "upgrade"},
		{"trace", zipped("go 1.26 trace\x00\x00\x00"), "gunzip"},
		{"profile", zipped("\x0a\x04\x08\x01"), "pprof profile"},
		{"cut", "\x1f\x8b", recordHint},
		{"text", "hello", recordHint},
		{"empty", "", recordHint},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := contentHint(path); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	if got := contentHint(os.DevNull); got != recordHint {
		t.Error(got)
	}
}
