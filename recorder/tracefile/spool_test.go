package tracefile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// spoolDir builds spools by hand.
type spoolDir struct {
	t   *testing.T
	dir string
}

func newSpoolDir(t *testing.T) *spoolDir {
	t.Helper()
	return &spoolDir{t, t.TempDir()}
}

func (d *spoolDir) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// slots writes a slots file of (thread, address, code, value).
func (d *spoolDir) slots(name string, encoding uint32, list ...[4]float64) {
	d.t.Helper()
	b := []byte(slotsMagic)
	b = binary.LittleEndian.AppendUint32(b, encoding)
	b = binary.LittleEndian.AppendUint32(b, slotSize)
	b = append(b, make([]byte, slotsHeader-len(b))...)
	for _, s := range list {
		word := uint64(s[0])<<slotThread | uint64(s[1]) | uint64(s[2])
		timed := (s[2] <= codeCancel || s[2] == codeWoken) && !(s[1] == 0 && s[2] == codeCancelled)
		switch {
		case encoding == slotIntegers && timed:
			b = binary.LittleEndian.AppendUint64(b, word)
			b = binary.LittleEndian.AppendUint64(b, uint64(s[3]))
		case encoding == slotIntegers:
			b = binary.LittleEndian.AppendUint64(b, word)
			b = binary.LittleEndian.AppendUint64(b, uint64(s[3]))
		default:
			v := s[3]
			if timed {
				v /= 1e9
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(word)))
			if word == 0 {
				v = 0
			}
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	d.write(name, string(b))
}

func (d *spoolDir) text() string {
	d.t.Helper()
	f, err := Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	if err := WriteText(&b, f); err != nil {
		d.t.Fatal(err)
	}
	return b.String()
}

const (
	taskA = 0x7f00deadbe10
	taskB = 0x7f00deadbf20
)

func TestSpool(t *testing.T) {
	for _, encoding := range []uint32{slotFloats, slotIntegers} {
		t.Run(fmt.Sprint(encoding), func(t *testing.T) { testSpool(t, encoding) })
	}
}

func testSpool(t *testing.T, encoding uint32) {
	d := newSpoolDir(t)
	d.write("run.meta", "=run command=[\"python\",\"a\\sb.py\"] started_at=1700000000000000000 started_ns=1000 pid=10\n"+
		"=end duration_ns=5000 exit_code=1 signal=0\n")
	d.write("10-a1.facts", strings.Join([]string{
		`1 1100 process_started pid=10 ppid=1 forked=0 parent= argv=["a\sb.py"] python=3.13.0`,
		`=code 1 file=/app/a.py line=3 function=worker qualname=main.<locals>.worker`,
		`=code 2 file=/app/a.py line=9 function=main qualname=main`,
		`=stack 1 2:12`,
		`=site 1 stack=1 loop=1 coro=main.<locals>.worker code=1`,
		`2 1200 loop_opened loop=1 stack=1 class=_UnixSelectorEventLoop debug=0`,
		`3 1250 run_begun loop=1 api=asyncio.run task=@7f00deadbe10`,
		`=chain 1 state=suspended on=future 1:4,1:6`,
		`=name 1 text=my\stask`,
		`4 1800 live_task task=@7f00deadbf20 chain=1 name=my\stask on_task=@7f00deadbe10 awaited_by=gather:raised,task tasks=@7f00deadbe10,@7f00deadbf20`,
		`5 1900 process_ending reason=exit code=0`,
		`6 1999 torn`,
	}, "\n"))
	d.slots(
		"10-a1.0.slots", encoding,
		[4]float64{0, 0, 4, 1},
		[4]float64{0, 0, 4, 2},
		[4]float64{0, taskA, codeSite, 1},
		[4]float64{0, 0, 0, 0}, // never written
		[4]float64{0, taskA, codeSpawned, 1240},
		[4]float64{0, 0, 4, 3},
		[4]float64{0, taskA, codeStep, 1300},
		[4]float64{0, taskB, codeSite, 1},
		[4]float64{0, taskB, codeSpawned, 1310},
	)
	d.slots(
		"10-a1.1.slots", encoding,
		[4]float64{0, 0, codeReturned, 1400},
		[4]float64{0, 0, codeRaised, 1500},
		[4]float64{0, taskB, codeStep, 1510},
		[4]float64{0, taskB, codeWaiting, 1},
		[4]float64{1, taskA, codeNumber, 7},
		[4]float64{1, taskA, codeReturned, 1600},
		[4]float64{0, taskB, codeStack, 1},
		[4]float64{0, taskB, codeCancel, 1610},
		[4]float64{0, taskB, codeWoken, 1615},
		[4]float64{0, taskA, codeWoken, 1616},   // it has ended
		[4]float64{0, taskA, codeSpawned, 1620}, // the address again
		[4]float64{0, taskA, codeName, 1},
		[4]float64{0, taskA, codeCancelled, 1630},
		[4]float64{0, 0, codeSpawned, 1640},
		[4]float64{0, 0, 4, 4},
	)
	want := `looptrace 1
=run command=["python","a\sb.py"] started_at=1700000000000000000 started_ns=1000 pid=10 duration_ns=5000 exit_code=1 signal=0
=stream 1
100 process_started pid=10 ppid=1 forked=0 parent= argv=["a\sb.py"] python=3.13.0
=stack 1 /app/a.py:12:main
200 loop_opened loop=1 stack=1 class=_UnixSelectorEventLoop debug=0
=site 1 stack=1 coro=main.<locals>.worker def=/app/a.py:3:worker:main.<locals>.worker
240 task_spawned task=1 loop=1 site=1
250 run_begun task=1 loop=1 api=asyncio.run
300 step_begun task=1
310 task_spawned task=2 loop=1 site=1
400 io_wait_begun loop=1
500 io_wait_ended loop=1
510 step_begun task=2
=chain 1 state=suspended on=future /app/a.py:4:worker:main.<locals>.worker,/app/a.py:6:worker:main.<locals>.worker
510 task_waiting task=2 chain=1
600 task_ended thread=1 task=1 number=1 name=Task-7
610 cancel_requested task=2 stack=1
615 task_woken task=2
620 task_spawned task=3 loop=1
630 task_ended task=3 number=3 name=my\stask
640 callback_begun
800 live_task task=2 chain=1 name=my\stask on_task=3 awaited_by=gather:raised,task tasks=3,2
900 process_ending reason=exit code=0
=health dropped=0 truncated=1
=note text=10-a1.facts:\soffset\s669:\sthe\slast\sline\sis\storn
`
	if diff := cmp.Diff(want, d.text()); diff != "" {
		t.Error(diff)
	}
}

// TestSpoolFork: a forked child goes on with its parent's tasks and definitions, wherever it stands in the directory.
func TestSpoolFork(t *testing.T) {
	d := newSpoolDir(t)
	d.write("run.meta", "=run started_ns=0 pid=20\n")
	d.write("20-ff.facts", strings.Join([]string{
		`1 100 process_started pid=20 ppid=1 forked=0`,
		`=code 1 file=/app/a.py line=3 function=worker`,
		`=stack 1 1:12`,
		`=site 1 stack=1 loop=1 coro=worker code=1`,
		`2 150 run_begun loop=1 thread=1`,
		`3 300 process_forked child=9 task=@7f00deadbe10`,
		``,
	}, "\n"))
	d.slots(
		"20-ff.0.slots", slotFloats,
		[4]float64{0, 0, 4, 1},
		[4]float64{0, 0, 4, 2},
		[4]float64{0, taskB, codeSpawned, 200},
		[4]float64{0, taskB, codeReturned, 210},
		[4]float64{0, taskA, codeSite, 1},
		[4]float64{0, taskA, codeSpawned, 220},
		[4]float64{0, taskA, codeStep, 230},
		[4]float64{0, 0, 4, 3},
		[4]float64{0, taskB, codeSpawned, 310}, // after the fork
	)
	d.write("9-01.facts", "1 305 process_started pid=9 ppid=20 forked=1 parent=20-ff\n2 330 loop_set stack=1\n")
	d.slots(
		"9-01.0.slots", slotFloats,
		[4]float64{0, 0, 4, 1},
		[4]float64{0, taskB, codeSite, 1},
		[4]float64{0, taskB, codeSpawned, 320},
		[4]float64{0, taskA, codeStep, 321},
		[4]float64{0, 0, codeReturned, 322},
		[4]float64{0, 0, 4, 2},
	)
	d.write("30-02.facts", "1 400 process_started pid=30 ppid=9 forked=0\n")
	d.write("30-03.facts", "1 500 process_started pid=30 ppid=9 forked=0\n") // exec
	want := `looptrace 1
=run started_at=0 started_ns=0 pid=20
=stream 1
100 process_started pid=20 ppid=1 forked=0
150 run_begun thread=1 loop=1
200 task_spawned task=1 loop=1
210 task_ended task=1 number=1
=stack 1 /app/a.py:12:worker
=site 1 stack=1 coro=worker def=/app/a.py:3:worker
220 task_spawned task=2 loop=1 site=1
230 step_begun task=2
300 process_forked task=2 child=9
310 task_spawned task=3 loop=1
=stream 2
305 process_started pid=9 ppid=20 forked=1 parent=20-ff parent_stream=1
305 task_inherited task=1 number=2
=stack 1 /app/a.py:12:worker
=site 1 stack=1 coro=worker def=/app/a.py:3:worker
320 task_spawned task=2 loop=1 site=1
321 step_begun task=1
322 io_wait_begun loop=1
330 loop_set stack=1
=stream 3
400 process_started pid=30 ppid=9 forked=0 parent_stream=2
=stream 4
500 process_started pid=30 ppid=9 forked=0 parent_stream=3
`
	if diff := cmp.Diff(want, d.text()); diff != "" {
		t.Error(diff)
	}
}

// TestTextRoundTrip: what the reader of the text twin reads is what was written.
func TestTextRoundTrip(t *testing.T) {
	text := `looptrace 1
=run command=["python"] started_at=5 started_ns=1000 pid=10
=stream 1
100 process_started pid=10 ppid=1
=stack 7 /app/a\x3a.py:12:main:mod.main:await\sx(a\x2cb),<frozen>:0:f:\e
200 loop_opened loop=1 stack=7
=stack 2 -
=site 3 stack=2 coro=w def=/app/a.py:3:w
-5 task_spawned task=1 loop=1 site=3
=chain 1 state=suspended on=future -
7 task_waiting task=1 chain=1
=stream 2
100 process_started pid=11 ppid=1 uncaught_stack=0
=note text=a\sb
`
	src, err := ReadText(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WriteText(&b, src); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestTextInline: a golden trace can name frames where it uses them.
func TestTextInline(t *testing.T) {
	src, err := ReadText(strings.NewReader(`# what this shows
looptrace 1

0 process_started pid=1
10 task_spawned task=1 loop=1 at=app.py:4:main,app.py:9:<module> coro=worker def=app.py:1:worker
20 live_task task=1 await=app.py:2:worker on=future
30 close_begun loop=1 stack=app.py:5:main handling_stack=app.py:6:main
`))
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := src.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e.Kind {
		case TaskSpawned:
			s := src.Site(e.Site)
			if len(src.Stack(s.Stack)) != 2 || src.Stack(s.Stack)[1].Function != "<module>" || s.Def.Line != 1 || s.Coro != "worker" {
				t.Errorf("site: %+v %+v", s, src.Stack(s.Stack))
			}
		case LiveTask:
			if c := src.Chain(e.Chain); c.On != "future" || c.State != "suspended" || len(c.Frames) != 1 {
				t.Errorf("chain: %+v", c)
			}
		case CloseBegun:
			if s := src.Stack(e.Stack); len(s) != 1 || s[0].Line != 5 {
				t.Errorf("stack: %+v", s)
			}
			if s := src.Stack(StackID(parseID(e.Attrs.Get("handling_stack")))); len(s) != 1 || s[0].Line != 6 {
				t.Errorf("handling_stack: %+v", s)
			}
		}
	}
	if src.Health().Events != 4 {
		t.Errorf("%+v", src.Health())
	}
}
