package sample

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// memory is that of another process, which is not stopped and does not notice.
type memory int

var errTorn = errors.New("changed while it was read")

// read fills buf from an address.
func (m memory) read(addr uint64, buf []byte) error {
	if addr == 0 || addr >= 1<<47 {
		return errTorn
	}
	local := []unix.Iovec{{Base: &buf[0]}}
	local[0].SetLen(len(buf))
	n, err := unix.ProcessVMReadv(int(m), local, []unix.RemoteIovec{{Base: uintptr(addr), Len: len(buf)}}, 0)
	switch {
	case errors.Is(err, unix.EFAULT), err == nil && n != len(buf):
		return errTorn
	case err != nil:
		return fmt.Errorf("process_vm_readv: %w", err)
	}
	return nil
}

func (m memory) pointer(addr uint64) (uint64, error) {
	var b [8]byte
	err := m.read(addr, b[:])
	return binary.LittleEndian.Uint64(b[:]), err
}
