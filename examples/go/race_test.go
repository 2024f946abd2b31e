//go:build race

package examples

// raceEnabled lets the programs be built as their test is.
const raceEnabled = true
