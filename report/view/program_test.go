package view

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// sequence returns the commands of a message of tea.Sequence, whose type is not exported.
func sequence(msg tea.Msg) ([]tea.Cmd, bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeOf(tea.Cmd(nil)) {
		return nil, false
	}
	list := make([]tea.Cmd, v.Len())
	for i := range list {
		list[i] = v.Index(i).Interface().(tea.Cmd)
	}
	return list, true
}

// output is what a program wrote.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) holds(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Contains(o.b.String(), text)
}

// The whole program takes keys from its input, draws on its output, and ends with q.
func TestProgram(t *testing.T) {
	in, keys := io.Pipe()
	out := &output{}
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	go func() {
		ended <- Run(ctx, recorded(t, "stop", nil), Options{Title: "stop"}, in, out, 100, 20)
	}()
	for _, step := range []struct{ shown, key string }{
		{"by Warn", "f"}, {"enter opens it", "\r"}, {"finding 1", "q"},
	} {
		for !out.holds(step.shown) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		if ctx.Err() != nil {
			t.Fatalf("%q was not shown: %q", step.shown, out.b.String())
		}
		if _, err := io.WriteString(keys, step.key); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !out.holds("\x1b[?1049h") || !out.holds("\x1b[?1049l") {
		t.Error("the other screen was not used, or not left")
	}
}
