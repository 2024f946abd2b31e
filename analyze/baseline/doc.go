// Package baseline accepts the findings that were there when a baseline was made, so that only new ones count: a file of
// entries (file.go), each of which is the identity of findings and how many of them there were.
//
// Findings are matched by identity (analyze.Identity, and the test that they are from), not by line: lines move with every
// edit. As many as an entry counts are accepted (match.go), what goes beyond is new. An entry that met fewer is stale, which is
// told, and mended only by an update (update.go), which somebody has to ask for.
package baseline
