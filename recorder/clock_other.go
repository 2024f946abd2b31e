//go:build !linux

package recorder

func monotonic() int64 { return 0 }
