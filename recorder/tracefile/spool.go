package tracefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// SpoolOptions says how to read a spool. The zero value is useful.
type SpoolOptions struct {
	// Text finds the source line of a frame that the spool has no text for; nil: none is looked for.
	Text FrameText
}

// Spool is the Source that reads a spool directory, also while it is being written.
type Spool struct {
	dir     string
	run     RunInfo
	streams []*spoolProcess // parents first
	at      int             // in streams
	cur     *spoolStream
	event   Event
	health  healthLog
}

// spoolProcess is one token of a spool.
type spoolProcess struct {
	token    string
	pid      int
	ppid     int
	forked   bool
	parentID string // token
	forkID   string // number of the parent's process_forked
	started  int64
	first    fact // process_started
	slots    int  // number of the first slots file
	missing  int  // slots files that should be there

	id       StreamID
	parent   *spoolProcess
	children []*spoolProcess // in order of start
	fork     *forkPoint      // what a forked child inherits; nil until the parent's fork was read
	defs     *defs
	attached *spoolAttachment // nil: none
}

// OpenSpool opens a spool directory.
func OpenSpool(dir string, opts SpoolOptions) (*Spool, error) {
	procs, _, err := listSpool(dir)
	if err != nil {
		return nil, err
	}
	run, found, err := readRunMeta(dir)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", metaName, err)
	}
	if len(procs) == 0 && !found {
		return nil, &FormatError{Path: dir, Err: ErrNotSpool}
	}
	s := &Spool{dir: dir, run: run}
	for _, p := range procs {
		p.peek(dir, &s.health)
	}
	s.streams = orderStreams(procs)
	if !found {
		s.run = guessRun(s.streams)
		s.health.note("%s is missing: the command and its end are not known", metaName)
	}
	for _, pid := range s.run.Outlived {
		s.health.note("process %d still ran at the end of the run: what it did later is not recorded", pid)
	}
	text := opts.Text
	if text == nil {
		text = func(string, int) string { return "" }
	}
	for _, p := range s.streams {
		p.defs = newDefs(nil, text)
	}
	return s, nil
}

// listSpool finds the tokens of a directory and the time of the last change to its files.
func listSpool(dir string) ([]*spoolProcess, time.Time, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, time.Time{}, err
	}
	var newest time.Time
	byToken := map[string]*spoolProcess{}
	slots := map[string][]int{}
	var procs []*spoolProcess
	for _, e := range entries {
		token, index, ok := parseSpoolName(e.Name())
		attached, isAttached := parseAttachedName(e.Name())
		if !ok && !isAttached || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
		if isAttached {
			token, index = attached, -1
		}
		if byToken[token] == nil {
			pid, _, _ := strings.Cut(token, "-")
			n, _ := strconv.Atoi(pid)
			byToken[token] = &spoolProcess{token: token, pid: n}
			procs = append(procs, byToken[token])
		}
		if isAttached && err == nil {
			byToken[token].attach(dir, info)
		}
		if index >= 0 {
			slots[token] = append(slots[token], index)
		}
	}
	for _, p := range procs {
		if list := slots[p.token]; len(list) > 0 {
			p.slots = slices.Min(list)
			p.missing = slices.Max(list) + 1 - len(list)
		}
	}
	return procs, newest, nil
}

// parseSpoolName takes TOKEN.facts (index -1) or TOKEN.N.slots apart.
func parseSpoolName(name string) (token string, index int, ok bool) {
	index = -1
	if rest, isSlots := strings.CutSuffix(name, ".slots"); isSlots {
		dot := strings.LastIndexByte(rest, '.')
		n, err := strconv.ParseUint(rest[dot+1:], 10, 31)
		if dot < 0 || err != nil {
			return "", 0, false
		}
		token, index = rest[:dot], int(n)
	} else if token, ok = strings.CutSuffix(name, ".facts"); !ok {
		return "", 0, false
	}
	return token, index, isToken(token)
}

// parseAttachedName takes the name of an attachment apart. It is no spool file to parseSpoolName: on its own it is a trace.
func parseAttachedName(name string) (token string, ok bool) {
	token, ok = strings.CutSuffix(name, attachedSuffix)
	return token, ok && isToken(token)
}

func isToken(token string) bool {
	pid, hex, found := strings.Cut(token, "-")
	_, err := strconv.ParseUint(pid, 10, 31)
	return found && err == nil && hex != "" && strings.Trim(hex, "0123456789abcdefABCDEF") == ""
}

const (
	peekEvents = 64      // process_started is among the first facts
	peekBytes  = 4 << 20 // or not there
)

// peek reads who the process is.
func (p *spoolProcess) peek(dir string, health *healthLog) {
	r, err := openFacts(filepath.Join(dir, p.token+".facts"), p.token, newDefs(nil, nil))
	if err != nil {
		return // said when its turn comes
	}
	defer r.close()
	for r.last < peekEvents && r.offset < peekBytes && r.advance() {
		n := len(r.waiting)
		if n == 0 || r.waiting[n-1].kind != ProcessStarted {
			continue
		}
		f := r.waiting[n-1]
		var e Event
		decodeFact(f, &e, func(uint64) TaskID { return 0 })
		p.first, p.started = f, f.time
		p.ppid, _ = strconv.Atoi(e.Attrs.Get("ppid"))
		p.forked = e.Attrs.Get("forked") == "1"
		p.parentID, p.forkID = e.Attrs.Get("parent"), e.Attrs.Get("fork")
		if pid, err := strconv.Atoi(e.Attrs.Get("pid")); err == nil {
			p.pid = pid
		}
		return
	}
	health.note("%s: no process_started in it: its parent is not known", p.token)
}

// orderStreams finds the parents and numbers the streams: a parent before its children, each followed by its own.
func orderStreams(procs []*spoolProcess) []*spoolProcess {
	slices.SortFunc(procs, func(a, b *spoolProcess) int {
		if a.started != b.started {
			return compareStart(a.started, b.started)
		}
		return strings.Compare(a.token, b.token)
	})
	var roots []*spoolProcess
	for i, p := range procs {
		// Only one that started earlier can be the parent, so there is no cycle.
		if p.parent = p.findParent(procs[:i]); p.parent == nil {
			roots = append(roots, p)
		} else {
			p.parent.children = append(p.parent.children, p)
		}
	}
	ordered := make([]*spoolProcess, 0, len(procs))
	var visit func([]*spoolProcess)
	visit = func(list []*spoolProcess) {
		for _, p := range list {
			ordered = append(ordered, p)
			p.id = StreamID(len(ordered))
			visit(p.children)
		}
	}
	visit(roots)
	return ordered
}

// compareStart puts streams whose start is not known (0) last.
func compareStart(a, b int64) int {
	switch {
	case a == 0:
		return 1
	case b == 0 || a < b:
		return -1
	}
	return 1
}

// findParent looks among the streams that started earlier: the one it names, else the last one of its parent process,
// else, for the successor of an exec, the last one of the same process.
func (p *spoolProcess) findParent(earlier []*spoolProcess) *spoolProcess {
	var byPPID, samePID *spoolProcess
	for _, q := range earlier {
		switch {
		case p.parentID != "" && q.token == p.parentID:
			return q
		case p.ppid > 0 && q.pid == p.ppid && q.started != 0:
			byPPID = q
		case q.pid == p.pid && q.started != 0 && p.started != 0:
			samePID = q
		}
	}
	if samePID != nil && !p.forked {
		return samePID
	}
	return byPPID
}

// guessRun is what can be known without run.meta.
func guessRun(streams []*spoolProcess) RunInfo {
	var info RunInfo
	for _, p := range streams {
		if p.started == 0 || info.StartedNS != 0 && info.StartedNS <= p.started {
			continue
		}
		var e Event
		decodeFact(p.first, &e, func(uint64) TaskID { return 0 })
		info = RunInfo{StartedNS: p.started, PID: p.pid}
		info.StartedAt, _ = strconv.ParseInt(e.Attrs.Get("wall"), 10, 64)
		parseRun("command="+string(escape.Append(nil, e.Attrs.Get("argv"), "")), &info)
	}
	return info
}

// Next returns the next event.
func (s *Spool) Next() (*Event, error) {
	for {
		if s.cur == nil {
			if s.at == len(s.streams) {
				return nil, io.EOF
			}
			s.cur = openStream(s, s.streams[s.at])
			s.at++
		}
		if s.cur.next(&s.event) {
			s.health.observe(&s.event)
			return &s.event, nil
		}
		s.cur.finish()
		s.cur = nil
	}
}

// stream returns the definitions that ids of the last event refer to.
func (s *Spool) current() *defs {
	if s.at == 0 {
		return &defs{}
	}
	return s.streams[s.at-1].defs
}

// Stack returns a stack of the current stream.
func (s *Spool) Stack(id StackID) []Frame { return s.current().stack(id) }

// Site returns a spawn site of the current stream.
func (s *Spool) Site(id SiteID) Site { return s.current().site(id) }

// Chain returns an await chain of the current stream.
func (s *Spool) Chain(id ChainID) Chain { return s.current().chain(id) }

// Run returns what run.meta says.
func (s *Spool) Run() RunInfo { return s.run }

// Health says what is missing.
func (s *Spool) Health() Health { return s.health.get() }

// Close closes the files of the spool.
func (s *Spool) Close() error {
	if s.cur != nil {
		s.cur.finish()
		s.cur = nil
	}
	s.at = len(s.streams)
	var err error
	for _, p := range s.streams {
		if p.attached != nil {
			err = errors.Join(err, p.attached.close())
		}
	}
	return err
}

// reason is an error of the file system without the path that the message around it has.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
