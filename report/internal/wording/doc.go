// Package wording says in words what a run's facts and findings are, for all formats that people read: the same names,
// sentences and groups, and the limits on what one value of a trace may take of a page.
//
// All that it returns is fit to be written to a terminal: what came from a trace went through Clean. Markup is for the
// format to escape.
package wording
