package launch

import "os"

func packTmp(spool, out string) error { return os.Rename(spool, out) }
