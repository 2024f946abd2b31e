// Package leakprofile reads goroutineleak profiles of Go programs (runtime/pprof, GOEXPERIMENT=goroutineleakprofile in Go 1.26)
// and finds the goroutines that they are about among those of a recorded run. The garbage collector makes such a profile: it
// lists goroutines that wait for something which nothing can reach any more, so that they have leaked for sure.
package leakprofile

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/pprof/profile"
)

// Name is what the runtime calls the profile.
const Name = "goroutineleak"

// Profile is one goroutineleak profile.
type Profile struct{ Stacks []Stack }

// Stack is where leaked goroutines wait.
type Stack struct {
	Frames []Frame // innermost first
	Count  int     // of goroutines
	ID     int64   // of the goroutine; 0 where the form of the profile has none
}

// Frame is one line of a stack.
type Frame struct {
	Function string // its full name
	File     string
	Line     int
}

// ErrNoProfile says that a file is no goroutineleak profile.
var ErrNoProfile = errors.New("no goroutineleak profile")

// Limits of what is read. A profile has one stack for each place where goroutines leaked.
const (
	maxSize   = 64 << 20
	maxStacks = 1 << 16
	maxFrames = 1 << 9
)

// Read reads a profile in any of the forms that the runtime writes: debug=0 (protocol buffers, gzipped or not), debug=1 (text)
// and debug=2 (a dump of goroutines, with their numbers). An error is one of reading, or wraps ErrNoProfile.
func Read(r io.Reader) (*Profile, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read profile: %w", err)
	case len(data) > maxSize:
		return nil, fmt.Errorf("%w: larger than %d MiB", ErrNoProfile, maxSize>>20)
	case bytes.HasPrefix(data, []byte(Name+" profile: total ")):
		return counted(data), nil
	case bytes.HasPrefix(data, []byte("goroutine ")):
		return dumped(data), nil
	}
	return parsed(data)
}

// parsed reads the form of debug=0.
func parsed(data []byte) (*Profile, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) { // ParseData would unpack it whatever its size
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoProfile, err)
		}
		if data, err = io.ReadAll(io.LimitReader(z, maxSize+1)); err != nil || len(data) > maxSize {
			return nil, fmt.Errorf("%w: it cannot be unpacked: %v", ErrNoProfile, cmp.Or(err, errors.New("too large")))
		}
	}
	p, err := profile.ParseUncompressed(data)
	if err == nil {
		err = p.CheckValid()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoProfile, err)
	}
	if len(p.SampleType) != 1 || p.SampleType[0].Type != Name {
		kind := "nothing"
		if len(p.SampleType) > 0 {
			kind = p.SampleType[len(p.SampleType)-1].Type
		}
		return nil, fmt.Errorf("%w: it counts %q", ErrNoProfile, kind)
	}
	out := &Profile{}
	for _, s := range p.Sample {
		if len(s.Value) != 1 || s.Value[0] <= 0 || s.Value[0] > 1<<31 || len(out.Stacks) == maxStacks {
			continue
		}
		out.Stacks = append(out.Stacks, Stack{Frames: framesOf(s), Count: int(s.Value[0])})
	}
	return out, nil
}

func framesOf(s *profile.Sample) []Frame {
	var out []Frame
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function != nil && len(out) < maxFrames {
				out = append(out, Frame{Function: line.Function.Name, File: line.Function.Filename, Line: int(line.Line)})
			}
		}
	}
	return out
}

// counted reads the form of debug=1: "2 @ 0x1 0x2", then a line "#\t0x1\tmain.lose+0x1d\t/app/main.go:12" for each frame.
func counted(data []byte) *Profile {
	out := &Profile{}
	var s *Stack
	for line := range lines(data) {
		if n, _, ok := strings.Cut(line, " @ "); ok && !strings.HasPrefix(line, "#") {
			s = nil
			if count, err := strconv.Atoi(n); err == nil && count > 0 && len(out.Stacks) < maxStacks {
				out.Stacks = append(out.Stacks, Stack{Count: count})
				s = &out.Stacks[len(out.Stacks)-1]
			}
			continue
		}
		fields := strings.Split(line, "\t")
		if s == nil || len(fields) < 4 || fields[0] != "#" || len(s.Frames) == maxFrames {
			continue
		}
		function := fields[2]
		if i := strings.LastIndex(function, "+0x"); i >= 0 {
			function = function[:i]
		}
		s.Frames = append(s.Frames, frameAt(strings.TrimSpace(function), fields[len(fields)-1]))
	}
	return out
}

// dumped reads the form of debug=2. Of all goroutines those are meant whose state ends in "(leaked)".
func dumped(data []byte) *Profile {
	out := &Profile{}
	var s *Stack
	function := ""
	for line := range lines(data) {
		switch {
		case strings.HasPrefix(line, "goroutine "):
			s = nil
			if id, ok := leakedID(line); ok && len(out.Stacks) < maxStacks {
				out.Stacks = append(out.Stacks, Stack{Count: 1, ID: id})
				s = &out.Stacks[len(out.Stacks)-1]
			}
		case s == nil:
		case strings.HasPrefix(line, "created by "), line == "":
			s, function = nil, ""
		case !strings.HasPrefix(line, "\t"):
			function = line
			if i := strings.LastIndexByte(line, '('); i > 0 {
				function = line[:i]
			}
		case function != "" && len(s.Frames) < maxFrames:
			at := strings.TrimSpace(line)
			if i := strings.LastIndex(at, " +0x"); i >= 0 {
				at = at[:i]
			}
			s.Frames = append(s.Frames, frameAt(function, at))
			function = ""
		}
	}
	return out
}

// leakedID returns the number of a goroutine that a dump calls leaked: "goroutine 22 [chan send (leaked), 2 minutes]:".
func leakedID(line string) (int64, bool) {
	number, state, ok := strings.Cut(strings.TrimPrefix(line, "goroutine "), " ")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, ok && err == nil && id > 0 && strings.Contains(state, "(leaked)")
}

func frameAt(function, at string) Frame {
	f := Frame{Function: function, File: at}
	if i := strings.LastIndexByte(at, ':'); i >= 0 {
		if n, err := strconv.Atoi(at[i+1:]); err == nil {
			f.File, f.Line = at[:i], n
		}
	}
	return f
}

// lines yields the lines of a text, without those that are longer than any that the runtime writes.
func lines(data []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		s := bufio.NewScanner(bytes.NewReader(data))
		s.Buffer(nil, 1<<20)
		for s.Scan() && yield(s.Text()) {
		}
	}
}
