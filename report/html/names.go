package html

import (
	"unicode/utf8"
)

// textBytes bounds one string of the page's data.
const textBytes = 300

// intern is a list of unique strings.
type intern struct {
	list  []string
	index map[string]uint32
	room  int  // bytes
	full  bool // something was left out
}

// listBytes bounds the strings of one list: the data of a page has to fit into it.
const listBytes = 4 << 20

// newIntern returns a list of the empty string.
func newIntern() *intern {
	return &intern{list: []string{""}, index: map[string]uint32{"": 0}, room: listBytes}
}

// add returns the place of a string in the list; that of the empty one where the list is full.
func (in *intern) add(s string) uint32 {
	s = bounded(s)
	i, ok := in.index[s]
	if !ok {
		if in.room < len(s) {
			in.full = true
			return 0
		}
		in.room -= len(s)
		i = uint32(len(in.list))
		in.list = append(in.list, s)
		in.index[s] = i
	}
	return i
}

// bounded cuts a string that is too long for a page, at the end of a character.
func bounded(s string) string {
	if len(s) <= textBytes {
		return s
	}
	cut := textBytes
	for cut > textBytes-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
