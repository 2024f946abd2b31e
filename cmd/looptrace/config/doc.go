// Package config reads looptrace's configuration files: looptrace.toml, .looptrace.toml, and the table [tool.looptrace] of
// a pyproject.toml.
//
//	Find   which file holds in a directory
//	Read   one file, all of whose keys must be known and of the right type
//	Init   a file that explains every key
//
// The package knows no flags: which keys there are, the caller says. The format is TOML 1.0, read by BurntSushi/toml, whose
// positions of values are what the positions of Problem rest on.
//
// A file that was found, rather than named, may have come with a checkout or from somebody else. It holds settings, and
// nothing in it is ever run; what it names to be written must be Inside its own directory.
package config

// Kind is the type of a setting.
type Kind int

// The kinds of settings, as TOML writes them.
const (
	String Kind = iota
	Bool
	Int
	List // of strings; one of them may stand without brackets
	Ints // a list
	Float
)

// Key is a setting that a file may have.
type Key struct {
	Table   string // the verb it is for; "" for the top of the file
	Name    string
	Kind    Kind
	Refused string // why it may not stand in a file; "" if it may

	Usage   string   // what it does, for Init
	Default []string // for Init; one element but for lists
}

// Value is what a file says about a key.
type Value struct {
	Table, Name string
	Text        []string // one element but for lists
	Pos         Position
}

// Position is a place in a file. Lines and columns begin at 1, columns and lengths count bytes.
type Position struct {
	Line, Col, Len int
}

// File is a configuration file without problems.
type File struct {
	Path   string
	Values []Value
}

// Lookup returns what the file says about a key, nil if it does not mention it.
func (f *File) Lookup(table, name string) *Value {
	if f == nil {
		return nil
	}
	for i := range f.Values {
		if v := &f.Values[i]; v.Table == table && v.Name == name {
			return v
		}
	}
	return nil
}
