package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/looptrace/looptrace/analyze/silence"
)

// readSuppressions reads suppression files.
func readSuppressions(files []string) ([]*silence.Entry, error) {
	ids := ruleIDs()
	var all []*silence.Entry
	for _, name := range files {
		list, err := readSuppressionFile(name, ids)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

func readSuppressionFile(name string, rules []string) ([]*silence.Entry, error) {
	f, err := os.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError(fmt.Errorf("%s: no such file", name), "")
	case err != nil:
		return nil, usageError(err, "")
	}
	defer f.Close()
	list, err := silence.ParseFile(f, name, rules)
	if err != nil {
		return nil, usageError(err, "each line is: RULE file=PATTERN function=PATTERN coro=PATTERN task=PATTERN  # reason")
	}
	return list, nil
}
