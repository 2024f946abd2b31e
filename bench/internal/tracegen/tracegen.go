// Package tracegen writes spools of any size, as a recorder would have: a service with a thousand requests in flight.
package tracegen

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand"
	"os"
	"path/filepath"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Codes of slots about a task: see the tables in package tracefile.
const (
	stepBegun   = 0
	taskSpawned = 1
	taskEnded   = 2
	taskWaiting = 6
	siteArg     = 9
	numberArg   = 10
)

// Codes of slots about no task.
const (
	ioWaitBegun = 2
	ioWaitEnded = 3
	factHere    = 4
)

const (
	token       = "100-1"
	live        = 1000
	sites       = 40
	chains      = 60
	stepsOfTask = 8
	firstTask   = 0x7f0000001000
	slotsInFile = 1 << 20
)

type generator struct {
	dir   string
	rng   *rand.Rand
	file  *os.File
	out   *bufio.Writer
	index int
	slots int
	time  float64
	facts []byte
	ord   int
	tasks []task
	free  []uint64 // addresses of tasks that ended
	next  uint64
	count int // events so far

	odds    int // a step is the last one of its task with a chance of one in so many
	spawned int // tasks so far
}

type task struct {
	address uint64
	number  int
	steps   int
}

// Spool writes a spool directory with about the given number of events and returns how many there are. The same seed
// gives the same bytes.
func Spool(dir string, events int, seed int64) (int, error) {
	g := newGenerator(dir, stepsOfTask, seed)
	return g.write(func() bool { return g.count < events })
}

// Tasks writes a spool directory with the given number of tasks, of two steps each on average, and returns how many events
// there are.
func Tasks(dir string, tasks int, seed int64) (int, error) {
	g := newGenerator(dir, 2, seed)
	info := tracefile.RunInfo{Command: []string{"app.py"}, StartedAt: 1_700_000_000_000_000_000, StartedNS: int64(g.time * 1e9), PID: 100}
	if err := tracefile.WriteRunBegin(dir, info); err != nil {
		return 0, err
	}
	n, err := g.write(func() bool { return g.spawned < tasks })
	if err != nil {
		return 0, err
	}
	info.DurationNS = int64(g.time*1e9) - info.StartedNS
	return n, tracefile.WriteRunEnd(dir, info)
}

func newGenerator(dir string, steps int, seed int64) *generator {
	return &generator{dir: dir, odds: steps, rng: rand.New(rand.NewSource(seed)), time: 100, next: firstTask}
}

// write writes all as long as there is more to come.
func (g *generator) write(more func() bool) (int, error) {
	if err := g.nextFile(); err != nil {
		return 0, err
	}
	g.define()
	g.fact("process_started", `pid=100 ppid=1 argv=["app.py"] python=3.13.0 implementation=cpython recorder=python cwd=/srv executable=/usr/bin/python3 stdlib=["/usr/lib/python3.13"] sites=[] wall=1700000000000000000 forked=0`)
	g.fact("loop_opened", "loop=1 stack=1 class=_UnixSelectorEventLoop debug=0")
	g.fact("run_begun", "loop=1 stack=1 api=asyncio.run")
	for more() {
		g.iteration()
	}
	g.fact("run_ended", "loop=1 api=asyncio.run stopped=0 target_done=1")
	g.fact("close_begun", "loop=1 stack=1 implicit=0 running=0 closed=0 pid_differs=0")
	g.left()
	g.fact("close_ended", "loop=1 outcome=closed")
	g.fact("process_ending", "reason=exit code=0")
	if err := g.finish(); err != nil {
		return 0, err
	}
	return g.count, nil
}

// define writes the codes, stacks, sites and chains that the events refer to.
func (g *generator) define() {
	for i := 1; i <= 20; i++ {
		g.facts = fmt.Appendf(g.facts, "=code %d file=/srv/app/module%d.py line=%d function=handler%d qualname=Service.handler%d\n", i, i%5, i*20, i, i)
	}
	for i := 1; i <= sites; i++ {
		g.facts = fmt.Appendf(g.facts, "=stack %d %d:%d,%d:%d,%d:%d\n", i, 1+i%20, 20+i, 1+(i+7)%20, 300+i, 1, 9)
		g.facts = fmt.Appendf(g.facts, "=site %d stack=%d loop=1 coro=Service.handler%d code=%d\n", i, i, i%20, 1+i%20)
	}
	for i := 1; i <= chains; i++ {
		g.facts = fmt.Appendf(g.facts, "=chain %d state=suspended on=future %d:%d,%d:%d\n", i, 1+i%20, 20+i, 1+(i+3)%20, 90+i)
	}
}

// iteration is one pass of the loop: it waits for I/O and steps a few tasks, each of which ends after some steps.
func (g *generator) iteration() {
	g.timed(ioWaitBegun, 0)
	g.time += g.rng.Float64() * 1e-4
	g.timed(ioWaitEnded, 0)
	for len(g.tasks) < live {
		g.spawn()
		if g.rng.Intn(4) == 0 {
			break
		}
	}
	for range 1 + g.rng.Intn(6) {
		if len(g.tasks) > 0 {
			g.step(g.rng.Intn(len(g.tasks)))
		}
	}
}

// left tells of the tasks that are pending when the loop is closed, as far as they are to be told: a stream of a given number
// of events has none.
func (g *generator) left() {
	if g.odds == stepsOfTask {
		return
	}
	for _, t := range g.tasks {
		state := "suspended"
		if t.steps == 0 {
			state = "not-started"
		}
		g.fact("live_task", fmt.Sprintf("task=@%x loop=1 chain=%d name=Task-%d state=%s must_cancel=0 cancelling=0 waiter_cancelled=0 log_destroy=1", t.address, 1+t.number%chains, t.number, state))
	}
}

func (g *generator) spawn() {
	t := task{number: g.count}
	if n := len(g.free); n > 0 { // as an allocator does
		t.address, g.free = g.free[n-1], g.free[:n-1]
	} else {
		t.address = g.next
		g.next += 0x110
	}
	g.slot(siteArg, t.address, float64(1+g.rng.Intn(sites)))
	g.timed(taskSpawned, t.address)
	g.spawned++
	g.tasks = append(g.tasks, t)
}

func (g *generator) step(i int) {
	t := &g.tasks[i]
	t.steps++
	g.timed(stepBegun, t.address)
	g.time += g.rng.Float64() * 2e-5
	if g.rng.Intn(g.odds) == 0 {
		g.slot(numberArg, t.address, float64(t.number))
		g.timed(taskEnded, t.address)
		g.free = append(g.free, t.address)
		g.tasks[i] = g.tasks[len(g.tasks)-1]
		g.tasks = g.tasks[:len(g.tasks)-1]
		return
	}
	if g.rng.Intn(20) == 0 {
		g.slot(taskWaiting, t.address, float64(1+g.rng.Intn(chains)))
		g.count++
	}
}

func (g *generator) timed(code, address uint64) {
	g.time += 1e-6 + g.rng.Float64()*1e-6
	g.slot(code, address, g.time)
	g.count++
}

func (g *generator) fact(kind, attrs string) {
	g.ord++
	g.time += 1e-6
	g.facts = fmt.Appendf(g.facts, "%d %d %s %s\n", g.ord, int64(g.time*1e9), kind, attrs)
	g.slot(factHere, 0, float64(g.ord))
	g.count++
}

// slot writes a word, which is an address with the code in the four bits that an address leaves free, and a value.
func (g *generator) slot(code, address uint64, value float64) {
	if g.slots == slotsInFile {
		if err := g.nextFile(); err != nil {
			return // finish says it: the writer keeps its first error
		}
	}
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], math.Float64bits(float64(address&^15|code)))
	binary.LittleEndian.PutUint64(b[8:], math.Float64bits(value))
	g.out.Write(b[:]) // kept by the writer until Flush
	g.slots++
}

func (g *generator) nextFile() error {
	if err := g.closeFile(); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(g.dir, fmt.Sprintf("%s.%d.slots", token, g.index)))
	if err != nil {
		return err
	}
	head := make([]byte, 64)
	copy(head, "LTSLOTS1")
	binary.LittleEndian.PutUint32(head[8:], 1)
	binary.LittleEndian.PutUint32(head[12:], 16)
	binary.LittleEndian.PutUint64(head[16:], uint64(g.index))
	g.file, g.out, g.slots = f, bufio.NewWriterSize(f, 1<<20), 0
	g.index++
	_, err = g.out.Write(head)
	return err
}

func (g *generator) closeFile() error {
	if g.file == nil {
		return nil
	}
	if err := g.out.Flush(); err != nil {
		return err
	}
	return g.file.Close()
}

func (g *generator) finish() error {
	if err := g.closeFile(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(g.dir, token+".facts"), g.facts, 0o600)
}
