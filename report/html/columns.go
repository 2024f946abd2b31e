package html

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"math"
)

// never stands in a column for a time that did not come or is not known.
const never = math.MaxUint32

// align is what the offset of every column is a multiple of, so that a typed array can stand on it.
const align = 8

// column is one list of numbers of the same size, as the timeline reads it. The values are asked for while it is written:
// a run of a million steps is not held twice.
type column struct {
	Name   string `json:"name"`
	Type   string `json:"type"` // "u8", "u16", "u32", "f64"
	Count  int    `json:"count"`
	Offset int64  `json:"offset"`

	u32 func(i int) uint32  // of all types but f64
	f64 func(i int) float64 // of f64
}

func (c *column) size() int64 {
	return int64(c.Count) * map[string]int64{"u8": 1, "u16": 2, "u32": 4, "f64": 8}[c.Type]
}

// columns is a table of them; each is placed when it is added.
type columns struct {
	list []column
	end  int64
}

func (cs *columns) add(name, kind string, n int, value func(i int) uint32) {
	cs.place(column{Name: name, Type: kind, Count: n, u32: value})
}

func (cs *columns) addFloats(name string, n int, value func(i int) float64) {
	cs.place(column{Name: name, Type: "f64", Count: n, f64: value})
}

func (cs *columns) place(c column) {
	c.Offset = (cs.end + align - 1) / align * align
	cs.end = c.Offset + c.size()
	cs.list = append(cs.list, c)
}

// write writes the columns, little endian, as base64 of gzip.
func (cs *columns) write(w io.Writer) error {
	text := base64.NewEncoder(base64.StdEncoding, w)
	packed, err := gzip.NewWriterLevel(text, gzip.DefaultCompression)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(packed, 64<<10)
	if err := cs.writeTo(out); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return text.Close()
}

func (cs *columns) writeTo(out *bufio.Writer) error {
	at := int64(0)
	for i := range cs.list {
		c := &cs.list[i]
		for ; at < c.Offset; at++ {
			if err := out.WriteByte(0); err != nil {
				return err
			}
		}
		if err := c.writeTo(out); err != nil {
			return err
		}
		at += c.size()
	}
	return nil
}

func (c *column) writeTo(out *bufio.Writer) error {
	var b [8]byte
	for i := range c.Count {
		n := 0
		switch c.Type {
		case "u8":
			b[0], n = byte(c.u32(i)), 1
		case "u16":
			binary.LittleEndian.PutUint16(b[:], uint16(c.u32(i)))
			n = 2
		case "u32":
			binary.LittleEndian.PutUint32(b[:], c.u32(i))
			n = 4
		default:
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(c.f64(i)))
			n = 8
		}
		if _, err := out.Write(b[:n]); err != nil {
			return err
		}
	}
	return nil
}
