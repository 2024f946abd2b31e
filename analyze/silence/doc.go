// Package silence takes findings that somebody accepted out of a result, and says so. There are two ways to accept one: a
// comment on a line that the finding is about (comment.go), and a line in a suppression file (file.go). Nothing vanishes:
// what was silenced is kept in Result.Silenced with who asked for it, and a suppression that silenced nothing in this run is
// in Result.Unused.
package silence
