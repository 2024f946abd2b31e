package view

// rows is a cursor in n rows, of which height fit on the screen.
type rows struct {
	n, height   int
	cursor, top int
}

// move puts the cursor on a row, and as few others out of sight as that needs.
func (r *rows) move(to int) {
	r.cursor = max(min(to, r.n-1), 0)
	r.top = max(min(r.top, r.cursor), r.cursor-r.height+1, 0)
	r.top = min(r.top, max(r.n-r.height, 0))
}

// window returns the rows that are in sight.
func (r *rows) window() (from, to int) {
	return r.top, min(r.top+max(r.height, 1), r.n)
}

// key moves the cursor; false: the key does something else.
func (r *rows) key(name string) bool {
	page := max(r.height-1, 1)
	switch name {
	case "up", "k":
		r.move(r.cursor - 1)
	case "down", "j":
		r.move(r.cursor + 1)
	case "pgup", "ctrl+b":
		r.top = max(r.top-page, 0)
		r.move(r.cursor - page)
	case "pgdown", "space", "ctrl+f":
		r.top = min(r.top+page, max(r.n-r.height, 0))
		r.move(r.cursor + page)
	case "home", "g":
		r.move(0)
	case "end", "G":
		r.move(r.n - 1)
	default:
		return false
	}
	return true
}
