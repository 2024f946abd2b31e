package config

import "strings"

// nearest returns the name that a wrong one was probably meant to be, "" if none is near.
func nearest(wrong string, names []string) string {
	wrong = strings.ReplaceAll(strings.ToLower(wrong), "_", "-")
	best, found := len(wrong)/3+1, ""
	for _, name := range names {
		if name == wrong || strings.HasPrefix(name, wrong+"-") {
			return name
		}
		if d := distance(wrong, name); d < best || d == best && found == "" {
			best, found = d, name
		}
	}
	return found
}

// distance is the number of letters to put in, leave out, exchange or swap with a neighbour to make b of a.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		above, row, twoAbove := rows[(i-1)%3], rows[i%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], twoAbove[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
