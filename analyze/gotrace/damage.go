package gotrace

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// errCut says that the reader took the end of the file for that of the trace, although a generation is open: what is in it is
// lost.
var errCut = errors.New("the file ends within a generation")

// wholePart returns how much of a trace is whole generations, going by the heads of its batches, and what is wrong behind
// that. The reader does not tell of batches that are missing at the end. Since Go 1.26 each generation has a mark at its end;
// before, its strings come last (runtime.traceAdvance). Older traces have no generations.
func wholePart(r io.ReaderAt, size int64, version string) (int64, error) {
	go1 := minor(version)
	if go1 < 22 {
		return size, nil
	}
	whole := int64(headerSize)
	buf := make([]byte, maxBatchHeader)
	for at := whole; at < size; {
		n, err := r.ReadAt(buf[:min(maxBatchHeader, size-at)], at)
		if n == 0 && err != nil {
			return whole, fmt.Errorf("offset %d: %w", at, err)
		}
		b, head, err := readBatchHeader(buf[:n])
		end := at + int64(head) + int64(b.size)
		if err != nil || end > size {
			return whole, fmt.Errorf("offset %d: %w", at, errCut)
		}
		if b.kind == rawEndOfGeneration || go1 < 26 && b.kind == rawStrings {
			whole = end
		}
		at = end
	}
	if whole < size {
		return whole, fmt.Errorf("offset %d: %w", size, errCut)
	}
	return whole, nil
}

// minor returns the minor version of Go in "go1.26", 0 if there is none.
func minor(version string) int {
	var n int
	if _, err := fmt.Sscanf(version, "go1.%d", &n); err != nil {
		return 0
	}
	return n
}

// lost says what damage costs.
func (s *source) lost(err error) string {
	reason, _, _ := strings.Cut(err.Error(), "\n")
	if s.conv.now == s.conv.from {
		return fmt.Sprintf("nothing in the Go execution trace can be read: %s; the runtime writes a trace in stretches of up to 1 s, and one that is not complete is lost: the program may have ended before", reason)
	}
	return fmt.Sprintf("the Go execution trace is damaged or cut off after %.6f s, and what comes then is lost: %s",
		seconds(s.conv.now-s.conv.from), reason)
}
