//go:build !darwin

package launch

import "golang.org/x/sys/unix"

// recorderClock is what Python's time.monotonic reads.
const recorderClock = unix.CLOCK_MONOTONIC
