// Package baseline accepts the findings that were there when a baseline was made, so that only new ones count: a file of
// entries (file.go), each of which is the identity of findings and how many of them there were.
//
// Findings are matched by identity (analyze.Identity, and the test that they are from), not by line: lines move with every
// edit. As many as an entry counts are accepted (match.go). What goes beyond is new, and so is a finding about tasks of a
// coroutine that the entry does not name: one close() may leave a further kind of task behind. An entry that met fewer is
// stale, which is told, and mended only by an update (update.go), which somebody has to ask for.
package baseline
