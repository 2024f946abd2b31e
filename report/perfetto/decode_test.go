package perfetto

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// field is one of a message as Perfetto defines it: a name, and for a nested one what it holds.
type field struct {
	name  string
	holds message
}

type message map[protowire.Number]field

// format is what may be written, in Perfetto's names.
func format() message {
	interned := message{1: {"iid", nil}, 2: {"name", nil}}
	stack := message{1: {"frames", message{1: {"function_name", nil}, 2: {"source_file", nil}, 3: {"line_number", nil}}}}
	event := message{
		3: {"category_iids", nil}, 4: {"debug_annotations", message{1: {"name_iid", nil}, 3: {"uint_value", nil}, 6: {"string_value", nil}}},
		9: {"type", nil}, 10: {"name_iid", nil}, 11: {"track_uuid", nil}, 23: {"name", nil}, 47: {"flow_ids", nil},
		52: {"correlation_id", nil}, 55: {"callstack", stack},
	}
	track := message{
		1: {"uuid", nil}, 2: {"name", nil}, 3: {"process", message{1: {"pid", nil}, 6: {"process_name", nil}}}, 5: {"parent_uuid", nil},
		11: {"child_ordering", nil}, 12: {"sibling_order_rank", nil}, 15: {"sibling_merge_behavior", nil},
	}
	clocks := message{1: {"clocks", message{1: {"clock_id", nil}, 2: {"timestamp", nil}}}, 2: {"primary_trace_clock", nil}}
	return message{1: {"packet", message{
		6: {"clock_snapshot", clocks}, 8: {"timestamp", nil}, 10: {"trusted_packet_sequence_id", nil}, 11: {"track_event", event},
		12: {"interned_data", message{1: {"event_categories", interned}, 2: {"event_names", interned}, 3: {"debug_annotation_names", interned}}},
		13: {"sequence_flags", nil}, 59: {"trace_packet_defaults", message{58: {"timestamp_clock_id", nil}}}, 60: {"track_descriptor", track},
	}}}
}

// value is one field of a decoded message.
type value struct {
	name   string
	number uint64
	text   string
	holds  []value
}

func decode(t *testing.T, b []byte, m message) []value {
	t.Helper()
	var list []value
	for len(b) > 0 {
		num, kind, n := protowire.ConsumeTag(b)
		f, known := m[num]
		if n < 0 || !known {
			t.Fatalf("field %d, %v", num, protowire.ParseError(n))
		}
		b = b[n:]
		v := value{name: f.name}
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			v.number, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			var data []byte
			data, n = protowire.ConsumeBytes(b)
			if v.text = string(data); f.holds != nil {
				v.text, v.holds = "", decode(t, data, f.holds)
			} else if !utf8.Valid(data) {
				t.Errorf("%s is no UTF-8: %q", f.name, data)
			}
		}
		if n < 0 {
			t.Fatal(f.name, protowire.ParseError(n))
		}
		b = b[n:]
		list = append(list, v)
	}
	return list
}

// get returns the first field of that name.
func get(list []value, name string) (value, bool) {
	for _, v := range list {
		if v.name == name {
			return v, true
		}
	}
	return value{}, false
}

// write writes fields as protoc --decode does.
func write(b *strings.Builder, list []value, indent string) {
	for _, v := range list {
		switch {
		case v.holds != nil:
			fmt.Fprintf(b, "%s%s {\n", indent, v.name)
			write(b, v.holds, indent+"  ")
			fmt.Fprintf(b, "%s}\n", indent)
		case v.text != "":
			fmt.Fprintf(b, "%s%s: %s\n", indent, v.name, strconv.Quote(v.text))
		default:
			fmt.Fprintf(b, "%s%s: %d\n", indent, v.name, v.number)
		}
	}
}
