// Package term renders results for people at a terminal: the text report, its short form for the end of a recording, and
// the tables, trees and stories of the other verbs.
//
// It reads nothing but what it is given and writes nothing but the given writer. Everything that came from a trace goes
// through clean() before it is written: names, paths and source lines are data of the recorded program, and a terminal
// must not obey them.
package term

// Options say how to write; the zero value is plain, unlimited, and UTF-8.
type Options struct {
	Width int  // columns to fit in; 0: unlimited
	Color bool // use the 16 SGR colours; nothing is ever said by colour alone
	ASCII bool // write ASCII only
}
