package tracefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// metaName is the file of a spool in which the launcher describes the run.
const metaName = "run.meta"

// WriteRunBegin creates run.meta in a spool directory: what the launcher knows when the command begins.
func WriteRunBegin(dir string, info RunInfo) error {
	line := append([]byte("=run"), appendRunBegin(nil, info)...)
	return appendFile(filepath.Join(dir, metaName), append(line, '\n'), os.O_CREATE|os.O_TRUNC)
}

// WriteRunEnd adds to run.meta how the command ended.
func WriteRunEnd(dir string, info RunInfo) error {
	line := append([]byte("=end"), appendRunEnd(nil, info)...)
	return appendFile(filepath.Join(dir, metaName), append(line, '\n'), os.O_CREATE|os.O_APPEND)
}

func appendFile(path string, data []byte, flag int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|flag, 0o600)
	if err != nil {
		return fmt.Errorf("describe the run: %w", err)
	}
	if _, err = f.Write(data); err == nil {
		return f.Close()
	}
	f.Close()
	return fmt.Errorf("describe the run: %w", err)
}

func appendRunBegin(b []byte, info RunInfo) []byte {
	if info.Command != nil {
		b = append(b, " command="...)
		b = escape.Append(b, encodeList(info.Command), "")
	}
	b = fmt.Appendf(b, " started_at=%d started_ns=%d pid=%d", info.StartedAt, info.StartedNS, info.PID)
	return b
}

func appendRunEnd(b []byte, info RunInfo) []byte {
	b = fmt.Appendf(b, " duration_ns=%d exit_code=%d signal=%d", info.DurationNS, info.ExitCode, info.Signal)
	for i, pid := range info.Outlived {
		if i == 0 {
			b = append(b, " outlived="...)
		} else {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(pid), 10)
	}
	return b
}

// encodeList writes strings as a JSON list. Bytes that are no UTF-8 cannot be in JSON; they become U+FFFD.
func encodeList(list []string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(list); err != nil {
		return "[]" // strings can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// parseRun takes one line of key=value words into info; words of another form are passed over.
func parseRun(line string, info *RunInfo) {
	for line != "" {
		var word string
		word, line = cutWord(line)
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			continue
		}
		value = unescapeValue(value)
		n, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "command":
			if json.Unmarshal([]byte(value), &info.Command) != nil {
				info.Command = nil
			}
		case "started_at":
			info.StartedAt = n
		case "started_ns":
			info.StartedNS = n
		case "pid":
			info.PID = int(n)
		case "duration_ns":
			info.DurationNS = n
		case "exit_code":
			info.ExitCode, info.Ended = int(n), true
		case "signal":
			info.Signal = int(n)
		case "outlived":
			info.Outlived = nil
			for pid := range strings.SplitSeq(value, ",") {
				if n, err := strconv.ParseInt(pid, 10, 32); err == nil {
					info.Outlived = append(info.Outlived, int(n))
				}
			}
		}
	}
}

// maxMeta bounds run.meta: a command line is at most a few MiB on any system.
const maxMeta = 16 << 20

// readRunMeta reads run.meta; found is false if there is none.
func readRunMeta(dir string) (info RunInfo, found bool, err error) {
	path := filepath.Join(dir, metaName)
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return info, false, nil
	}
	if err != nil {
		return info, false, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxMeta {
		return info, false, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return info, false, err
	}
	text := string(data)
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return info, true, nil // what has no end of line is torn
		}
		parseRun(line, &info)
		text = rest
	}
}
