package tracefile

import (
	"bytes"
	"os"
	"strings"
	"time"
)

// FrameText returns a line of a source file, stripped; "" if it cannot be had.
type FrameText func(file string, line int) string

const (
	maxSourceFile  = 8 << 20
	maxSourceCache = 32 << 20
	maxSourceLine  = 400 // bytes: longer ones are generated code that nobody wants to see
)

// SourceText reads the lines from the files themselves. A file that was changed after the given time is not used: its
// lines are no longer those that ran. The zero time stands for no limit.
func SourceText(changedBefore time.Time) FrameText {
	files := map[string][][]byte{}
	size := 0
	return func(file string, line int) string {
		lines, ok := files[file]
		if !ok {
			data := readSource(file, changedBefore)
			if size += len(data); size > maxSourceCache {
				clear(files)
				size = len(data)
			}
			lines = bytes.Split(data, []byte("\n"))
			files[file] = lines
		}
		if line < 1 || line > len(lines) {
			return ""
		}
		text := lines[line-1]
		if len(text) > maxSourceLine {
			text = text[:maxSourceLine]
		}
		return strings.ToValidUTF8(string(bytes.TrimSpace(text)), "\uFFFD")
	}
}

func readSource(file string, changedBefore time.Time) []byte {
	st, err := os.Stat(file)
	if err != nil || !st.Mode().IsRegular() || st.Size() > maxSourceFile {
		return nil
	}
	if !changedBefore.IsZero() && st.ModTime().After(changedBefore) {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return data
}
