package recorder

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"syscall"
	"unsafe"
)

const (
	firstSegment   = 64 << 10
	largestSegment = 4 << 20
	maxSegments    = 1 << 14 // a process may map 65,530 files in all
)

// roll maps the next segment after old, unless another goroutine has.
func (s *spool) roll(old *segment) {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	if s.seg.Load() != old {
		return
	}
	seg, mem, err := s.mapSegment()
	if err != nil {
		s.seg.Store(nil)
		s.stop("tasks and steps are no longer recorded: " + err.Error())
		return
	}
	if s.mapped != nil {
		// The file has it all. A late writer of a slot brings the page back.
		_ = syscall.Madvise(s.mapped, syscall.MADV_DONTNEED)
	}
	s.mapped = mem
	s.segments++
	s.seg.Store(seg)
}

// mapSegment makes a segment. Its blocks are allocated before it is mapped: a store into a page for which a full disk has no
// room would kill the program.
func (s *spool) mapSegment() (*segment, []byte, error) {
	if s.segments >= maxSegments {
		return nil, nil, fmt.Errorf("%d segments are full", s.segments)
	}
	size := min(firstSegment<<min(2*s.segments, 20), largestSegment)
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%d.slots", s.token, s.segments))
	fd, err := openFile(path, syscall.O_RDWR|syscall.O_EXCL)
	if err != nil {
		return nil, nil, err
	}
	defer syscall.Close(fd)
	var mem []byte
	if err = allocate(fd, int64(size)); err == nil {
		mem, err = syscall.Mmap(fd, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	}
	if err != nil {
		_ = syscall.Unlink(path) // what it has taken of the disk is needed for facts
		return nil, nil, err
	}
	copy(mem, "LTSLOTS1")
	binary.LittleEndian.PutUint32(mem[8:], 2) // a slot is a u64 and an i64
	binary.LittleEndian.PutUint32(mem[12:], slotSize)
	binary.LittleEndian.PutUint64(mem[16:], uint64(s.segments))
	first := unsafe.Pointer(&mem[slotsHeader])
	return &segment{count: uint64(size-slotsHeader) / slotSize, first: first}, mem, nil
}

// allocate gives a file blocks, where the file system cannot promise them by writing zeros.
func allocate(fd int, size int64) error {
	err := retry(func() error { return syscall.Fallocate(fd, 0, 0, size) })
	if err != syscall.EOPNOTSUPP && err != syscall.ENOSYS {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at := int64(0); at < size; {
		var n int
		err := retry(func() (err error) {
			n, err = syscall.Pwrite(fd, zeros[:min(int64(len(zeros)), size-at)], at)
			return err
		})
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}

// openFile makes a file that only its owner may read.
func openFile(path string, flags int) (fd int, err error) {
	err = retry(func() error {
		fd, err = syscall.Open(path, flags|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600)
		return err
	})
	return fd, err
}

// lowestFD is where the descriptor of the facts is moved to: programs see which number they are given.
const lowestFD = 100

// openFacts makes the facts file of a new token.
func (s *spool) openFacts() error {
	for at := s.clock.now(); ; at++ {
		s.token = fmt.Sprintf("%d-%x", syscall.Getpid(), at)
		fd, err := openFile(filepath.Join(s.dir, s.token+".facts"), syscall.O_WRONLY|syscall.O_APPEND|syscall.O_EXCL)
		if err == syscall.EEXIST {
			continue
		}
		if err != nil {
			return err
		}
		s.fd = fd
		if high, _, e := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, lowestFD); e == 0 {
			s.fd = int(high)
			syscall.Close(fd)
		}
		return syscall.Fstat(s.fd, &s.file)
	}
}

// owned reports whether the descriptor is that of the facts still: a program may close all it finds.
func (s *spool) owned() bool {
	var now syscall.Stat_t
	return s.fd >= 0 && syscall.Fstat(s.fd, &now) == nil && now.Dev == s.file.Dev && now.Ino == s.file.Ino
}

// append writes lines to the end of the facts. A write that was cut short leaves a torn line, which the next one ends.
func (s *spool) append(lines []byte) error {
	if !s.owned() {
		fd, err := openFile(filepath.Join(s.dir, s.token+".facts"), syscall.O_WRONLY|syscall.O_APPEND)
		if err != nil {
			return err
		}
		s.fd = fd
		if err := syscall.Fstat(fd, &s.file); err != nil {
			return err
		}
	}
	if s.torn {
		lines = append([]byte(tornEnd), lines...)
	}
	n := 0
	err := retry(func() (err error) {
		n, err = syscall.Write(s.fd, lines)
		return err
	})
	if n > 0 || err == nil {
		s.torn = n < len(lines)
	}
	if err == nil && s.torn {
		err = syscall.ENOSPC
	}
	return err
}

func (s *spool) closeFile() error {
	if !s.owned() {
		return nil
	}
	fd := s.fd
	s.fd = -1
	return syscall.Close(fd)
}

// stat is what tells files apart.
type stat = syscall.Stat_t
