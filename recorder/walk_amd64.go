package recorder

// walk writes the return addresses on the stack of its caller to pcs, innermost first, at most so many, and returns how many
// it wrote; a negative number where they do not lead to the start of the goroutine. Functions that were inlined are in none of
// them, so that this is a key for a stack, not the stack. It takes some ns where runtime.Callers takes some hundred.
//
//go:noescape
func walk(pcs *uintptr, most int) int
