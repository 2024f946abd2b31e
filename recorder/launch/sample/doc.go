// Package sample looks at a recorded program from outside while one of its steps takes long: where its thread is. The
// program is not stopped and runs nothing for it: what it records says which step is open, and its memory says the rest.
//
// It needs Linux and the permission to read the memory of a child. Where something is missing, or the interpreter's
// structures are not what they should be, there are no samples and a note in the trace says why.
package sample
