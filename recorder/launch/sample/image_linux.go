package sample

import (
	"bufio"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// symbols are the addresses of an interpreter's data in a process.
type symbols struct {
	runtime, codeType, strType, bytesType uint64
}

func (s *symbols) all() map[string]*uint64 {
	return map[string]*uint64{"_PyRuntime": &s.runtime, "PyCode_Type": &s.codeType, "PyUnicode_Type": &s.strType, "PyBytes_Type": &s.bytesType}
}

// mapping is the beginning of a file in the memory of a process.
type mapping struct {
	start, offset uint64
	path          string
}

// mappings lists the first mapping of every file that has executable pages. holds reports whether path is mapped.
func mappings(pid int, path string) (list []mapping, holds bool, err error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, false, err
	}
	defer f.Close() // read only
	first := map[string]mapping{}
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	listed := map[string]bool{}
	for in.Scan() {
		// start-end perms offset dev inode path
		fields := strings.Fields(in.Text())
		at := strings.IndexByte(in.Text(), '/')
		if len(fields) < 6 || at < 0 {
			continue
		}
		name := in.Text()[at:]
		holds = holds || name == path
		start, _, _ := strings.Cut(fields[0], "-")
		m := mapping{path: name}
		m.start, _ = strconv.ParseUint(start, 16, 64)
		m.offset, _ = strconv.ParseUint(fields[2], 16, 64)
		if _, ok := first[name]; !ok {
			first[name] = m
		}
		if strings.Contains(fields[1], "x") && !listed[name] {
			listed[name] = true
			list = append(list, first[name])
		}
	}
	return list, holds, in.Err()
}

// image is what is needed of an ELF file: addresses as linked, and where its parts are loaded.
type image struct {
	symbols
	segments []elf.ProgHeader
	found    bool
}

// images keeps what was found in files, which all processes of a run share.
type images map[string]image

// find returns where the interpreter's data are in a process.
func (c images) find(pid int, list []mapping) (symbols, error) {
	// The interpreter is in the executable or in a library that has its name.
	for _, m := range list {
		base := filepath.Base(m.path)
		if !strings.Contains(base, "python") && m.path != list[0].path {
			continue
		}
		img, ok := c[m.path]
		if !ok {
			img = readImage(fmt.Sprintf("/proc/%d/root%s", pid, m.path))
			c[m.path] = img
		}
		if img.found {
			return img.at(m)
		}
	}
	return symbols{}, errors.New("the interpreter's symbols were not found")
}

func readImage(path string) image {
	var img image
	f, err := elf.Open(path)
	if err != nil {
		return img
	}
	defer f.Close() // read only
	syms, err := f.DynamicSymbols()
	if err != nil {
		syms = nil
	}
	missing := img.take(syms)
	if missing > 0 {
		if syms, err = f.Symbols(); err == nil {
			missing = img.take(syms)
		}
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			img.segments = append(img.segments, p.ProgHeader)
		}
	}
	img.found = missing == 0
	return img
}

// take notes the symbols that are wanted and returns how many are missing.
func (img *image) take(syms []elf.Symbol) int {
	wanted := img.all()
	for _, s := range syms {
		if to := wanted[s.Name]; to != nil && s.Section != elf.SHN_UNDEF {
			*to = s.Value
		}
	}
	missing := 0
	for _, at := range wanted {
		if *at == 0 {
			missing++
		}
	}
	return missing
}

// at moves the symbols to where the file is mapped.
func (img *image) at(m mapping) (symbols, error) {
	const page = 4096 // the smallest there is: offsets and addresses are equal modulo any larger one
	for _, seg := range img.segments {
		if seg.Off&^(page-1) == m.offset || seg.Off <= m.offset && m.offset < seg.Off+seg.Filesz {
			moved := img.symbols
			delta := m.start - m.offset + seg.Off - seg.Vaddr
			for _, at := range moved.all() {
				*at += delta
			}
			return moved, nil
		}
	}
	return symbols{}, fmt.Errorf("%s is mapped in another way", m.path)
}
