// Package examples is the root of the examples of package recorder: adapters for loops of several kinds, each with a program
// that is right and one that leaks.
package examples
