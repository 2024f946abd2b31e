package launch

import "golang.org/x/sys/unix"

// recorderClock is what Python's time.monotonic reads: on macOS mach_absolute_time.
const recorderClock = unix.CLOCK_UPTIME_RAW
