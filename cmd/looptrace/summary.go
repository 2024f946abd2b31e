package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/markdown"
)

// summaryVariable is where GitHub Actions says which file the summary of a step is read from. Steps append to it.
const summaryVariable = "GITHUB_STEP_SUMMARY"

// appendSummary adds a Markdown report to the summary of the step, in what is left of its size.
func (e *environment) appendSummary(res *analyze.Result, o *reportFlags) error {
	failed := func(err error, hint string) error {
		return &exitError{code: exitUsage, err: fmt.Errorf("--github-summary: %w", err), hint: hint}
	}
	name := e.getenv(summaryVariable)
	if name == "" {
		return failed(errors.New(summaryVariable+" is not set"), "GitHub Actions sets it; elsewhere --report markdown=FILE writes the same")
	}
	room := int64(markdown.Budget)
	if info, err := os.Stat(name); err == nil {
		room -= info.Size() + 1
	}
	room = min(room, int64(o.markdownMax))
	if room < markdown.Least {
		return failed(fmt.Errorf("%s is full", name), "GitHub drops a summary of more than 1 MiB")
	}
	var b bytes.Buffer
	if err := markdown.Render(&b, res, markdown.Options{Root: sourceRoot(o.root), Links: e.fileLinks(), Budget: int(room)}); err != nil {
		return failed(err, "")
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err == nil {
		_, err = file.Write(append([]byte("\n"), b.Bytes()...))
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return failed(err, "")
	}
	return nil
}

// fileLinks returns what links to files of the checked-out commit begin with, "" where GitHub Actions does not say it.
func (e *environment) fileLinks() string {
	server, repository, commit := e.getenv("GITHUB_SERVER_URL"), e.getenv("GITHUB_REPOSITORY"), e.getenv("GITHUB_SHA")
	if server == "" || repository == "" || commit == "" {
		return ""
	}
	return server + "/" + repository + "/blob/" + commit + "/"
}
