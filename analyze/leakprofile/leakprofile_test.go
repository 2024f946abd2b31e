package leakprofile

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// The profiles are those of one program, which lost two channels: lose() at main.go:12 sends to each.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		file   string
		stacks int
		ids    bool
	}{{"leak.pb.gz", 1, false}, {"leak1.txt", 1, false}, {"leak2.txt", 2, true}} {
		t.Run(c.file, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Read(bytes.NewReader(data))
			if err != nil || len(p.Stacks) != c.stacks {
				t.Fatalf("got %+v, %v", p, err)
			}
			n := 0
			for _, s := range p.Stacks {
				n += s.Count
				if !strings.HasPrefix(s.place(), "main.lose (") || !strings.HasSuffix(s.place(), "main.go:12)") || s.ID != 0 != c.ids {
					t.Errorf("got %+v at %s", s, s.place())
				}
			}
			if n != 2 {
				t.Errorf("%d goroutines, want 2", n)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "another profile": "heap profile: 1: 2 [3: 4] @ heap/1\n", "a text": "hello\n"} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrNoProfile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// trace is a program of which goroutines wait in lose(), as many as there are numbers.
func trace(t *testing.T, numbers ...string) *analyze.Run {
	t.Helper()
	text := `looptrace 1
0 process_started pid=10 ppid=9 runtime=go1.26.8 recorder=runtime/trace argv=["./app"] cwd=/app stdlib=["/usr/local/go/src"]
0 loop_opened loop=1 class=goroutines
=chain 1 state=suspended on=chan-send /app/main.go:12:main.lose,/usr/local/go/src/runtime/chan.go:161:runtime.chansend1
`
	for i, n := range numbers {
		id := string(rune('2' + i))
		text += "10 task_spawned thread=1 task=" + id + " loop=1 at=/app/main.go:19:main.main coro=main.lose def=/app/main.go:12:main.lose name=goroutine\\s" + n + "\n" +
			"20 step_begun thread=2 task=" + id + "\n30 step_ended thread=2 task=" + id + " chain=1\n"
	}
	src, err := tracefile.ReadText(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	run, err := analyze.Build(src, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestApply(t *testing.T) {
	for _, c := range []struct {
		name, file string
		live       []string
		tasks      int
		notes      bool
	}{
		{"both", "leak.pb.gz", []string{"22", "23"}, 2, false},
		{"text", "leak1.txt", []string{"22", "23"}, 2, false},
		{"by number", "leak2.txt", []string{"22", "23"}, 2, false},
		{"by number, beside others", "leak2.txt", []string{"22", "23", "24"}, 2, false},
		{"others wait there too", "leak.pb.gz", []string{"22", "23", "24"}, 0, true},
		{"not in the trace", "leak.pb.gz", nil, 0, true},
		{"another number", "leak2.txt", []string{"40"}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + c.file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Read(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			run := trace(t, c.live...)
			before := len(run.Health.Notes)
			p.Apply(run)
			n := 0
			for _, u := range run.Unreachable {
				n += len(u.Tasks)
			}
			if n != c.tasks || len(run.Health.Notes) > before != c.notes {
				t.Errorf("%d goroutines found, want %d; notes %q", n, c.tasks, run.Health.Notes)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{"leak.pb.gz", "leak1.txt", "leak2.txt"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, ErrNoProfile) {
				t.Errorf("another error than ErrNoProfile: %v", err)
			}
			return
		}
		for i := range p.Stacks {
			if p.Stacks[i].Count <= 0 {
				t.Errorf("a stack of %d goroutines", p.Stacks[i].Count)
			}
		}
		p.Apply(trace(t, "22"))
	})
}
