package tracefile_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

const lanesFacts = `1 5 process_started pid=5 ppid=1 runtime=go1.26.8 recorder=go lanes=task
=code 1 file=/a.go line=1 function=a.f qualname=x/a.f
=stack 1 1:2
=site 1 stack=1 loop=1 coro=f code=1
=chain 1 state=suspended on=reply 1:3
=name 1 text=task
2 6 close_begun loop=1 stack=1
3 6 live_task task=@10 loop=1 chain=1 name=task
4 6 close_ended loop=1 outcome=closed
`

// lanesSlots is a segment as the Go recorder writes them.
func lanesSlots() []byte {
	le := binary.LittleEndian
	b := append([]byte("LTSLOTS1"), make([]byte, 56)...)
	le.PutUint32(b[8:], 2)
	le.PutUint32(b[12:], 16)
	const page = 1 << 52
	for _, s := range [][2]uint64{
		{4, 1},
		{1<<4 | 9, 1},
		{1<<4 | page | 3, 1},
		{1<<4 | 1, 5},
		{1 << 4, 6},
		{2<<4 | page | 2, 1},
		{2<<4 | 1, 7},
		{1<<4 | page | 1, 1},
		{1<<4 | page, 8},
		{2<<4 | page, 9},
		{4, 4},
		{2<<4 | page | 4, 1},
		{2<<4 | 3, 10},
		{2 << 4, 11},
		{1<<4 | page | 9, 1},
	} {
		b = le.AppendUint64(le.AppendUint64(b, s[0]), s[1])
	}
	return b
}

// The second page of slots: steps that end, parents and names of new tasks, failures, and what comes after the end.
func TestSpoolOfLanes(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{"5-a.facts": []byte(lanesFacts), "5-a.0.slots": lanesSlots()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src, err := tracefile.OpenSpool(dir, tracefile.SpoolOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	var b strings.Builder
	if err := tracefile.WriteText(&b, src); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(b.String(), "lanes=task\n")
	const want = `=stack 1 /a.go:2:a.f:x/a.f
=site 1 stack=1 coro=f def=/a.go:1:a.f:x/a.f
0 task_spawned task=1 loop=1 site=1 name=task
1 step_begun task=1
2 task_spawned task=2 number=1
=chain 1 state=suspended on=reply /a.go:3:a.f:x/a.f
3 step_ended task=1 chain=1
4 step_ended task=2
1 close_begun loop=1 stack=1
1 live_task task=1 loop=1 chain=1 name=task
1 close_ended loop=1 outcome=closed
1 task_failed task=2 type=task
5 task_ended task=2 number=2
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if notes := src.Health().Notes; len(notes) != 2 || !strings.Contains(notes[1], "1 slots of an unknown kind") {
		t.Errorf("notes are %q", notes)
	}
}
