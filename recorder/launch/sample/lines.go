package sample

// lineAt returns the line of the instruction at a byte offset, from a code object's table of lines; 0 if it has none.
func lineAt(minor int, table []byte, first, offset int) int {
	switch {
	case minor <= 9:
		return lineOfPairs(table, first, offset)
	case minor == 10:
		return lineOfRanges(table, first, offset)
	}
	return lineOfLocations(table, first, offset)
}

// lineOfPairs reads a table up to 3.9: steps of the offset and of the line.
func lineOfPairs(table []byte, line, offset int) int {
	at := 0
	for i := 0; i+1 < len(table); i += 2 {
		if at += int(table[i]); at > offset {
			break
		}
		line += int(int8(table[i+1]))
	}
	return line
}

// lineOfRanges reads a table of 3.10: lengths, and the line's difference to that of the range before.
func lineOfRanges(table []byte, line, offset int) int {
	end := 0
	for i := 0; i+1 < len(table); i += 2 {
		end += int(table[i])
		none := int8(table[i+1]) == -128
		if !none {
			line += int(int8(table[i+1]))
		}
		if offset < end {
			if none {
				return 0
			}
			return line
		}
	}
	return 0
}

// lineOfLocations reads a table from 3.11 on. An entry begins with a byte whose highest bit is set: a form, and the number
// of code units it is for.
func lineOfLocations(table []byte, line, offset int) int {
	end := 0
	for i := 0; i < len(table); {
		form := int(table[i] >> 3 & 15)
		end += 2 * (int(table[i]&7) + 1)
		switch form {
		case 13, 14:
			line += signedVarint(table[i+1:])
		case 11, 12:
			line += form - 10
		}
		if offset < end {
			if form == 15 {
				return 0
			}
			return line
		}
		for i++; i < len(table) && table[i]&0x80 == 0; {
			i++
		}
	}
	return 0
}

// signedVarint reads a number in groups of six bits, the lowest first; its lowest bit is the sign.
func signedVarint(b []byte) int {
	n, shift := 0, 0
	for _, c := range b {
		n |= int(c&63) << shift
		if c&64 == 0 || shift > 30 {
			break
		}
		shift += 6
	}
	if n&1 != 0 {
		return -(n >> 1)
	}
	return n >> 1
}
