package gotrace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// errCut says that the reader took the end of the file for that of the trace, although a generation is open: what is in it is
// lost.
var errCut = errors.New("the file ends within a generation")

// Codes of what a trace consists of since Go 1.22 (internal/trace/tracev2 of the Go distribution).
const (
	codeBatch             = 1
	codeStrings           = 4
	codeExperimentalBatch = 49
	codeEndOfGeneration   = 52
)

// maxHead is how many bytes the head of a batch has at most, with the code of its first entry.
const maxHead = 2 + 4*binary.MaxVarintLen64 + 1

// wholePart returns how much of a trace is whole generations, going by the heads of its batches, and what is wrong behind
// that. The reader does not tell of batches that are missing at the end. Since Go 1.26 each generation has a mark at its end;
// before, its strings come last (runtime.traceAdvance). Older traces have no generations.
func wholePart(r io.ReaderAt, size int64, version string) (int64, error) {
	go1 := minor(version)
	if go1 < 22 {
		return size, nil
	}
	whole := int64(headerSize)
	buf := make([]byte, maxHead)
	for at := whole; at < size; {
		n, err := r.ReadAt(buf, at)
		if n == 0 && err != nil {
			return whole, fmt.Errorf("offset %d: %w", at, err)
		}
		if buf[0] == codeEndOfGeneration {
			at++
			whole = at
			continue
		}
		head, length := batchHead(buf[:n])
		end := at + int64(head) + length
		if head == 0 || length > size || end > size {
			return whole, fmt.Errorf("offset %d: %w", at, errCut)
		}
		if go1 < 26 && head < n && buf[head] == codeStrings {
			whole = end
		}
		at = end
	}
	if whole < size {
		return whole, fmt.Errorf("offset %d: %w", size, errCut)
	}
	return whole, nil
}

// batchHead returns how long the head of a batch is, and how long what follows it; 0, 0 for what is none.
func batchHead(b []byte) (head int, length int64) {
	head = 1
	switch b[0] {
	case codeBatch:
	case codeExperimentalBatch:
		head++
	default:
		return 0, 0
	}
	for range 4 { // generation, thread, time, length
		v, n := binary.Uvarint(b[min(head, len(b)):])
		if n <= 0 {
			return 0, 0
		}
		head += n
		length = int64(v & (1<<62 - 1)) // one that is wrong is too large all the same
	}
	return head, length
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
