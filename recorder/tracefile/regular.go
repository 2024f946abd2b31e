package tracefile

import (
	"errors"
	"io/fs"
	"os"
)

var errNotRegular = errors.New("not a regular file")

// openRegular opens a file of a spool by its name. What else may stand there in a spool from elsewhere is not opened: the
// open of a FIFO would wait for its writer, and a symbolic link leads out of the spool.
func openRegular(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	return os.Open(path)
}
