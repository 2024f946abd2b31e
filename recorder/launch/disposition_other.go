//go:build !linux

package launch

import "syscall"

// defaultDisposition leaves the signal to the Go runtime, which ends the process by most signals itself.
func defaultDisposition(syscall.Signal) {}
