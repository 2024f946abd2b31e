package tracefile_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"github.com/looptrace/looptrace/recorder/tracefile/tracetest"
)

func sumHeader(data []byte) {
	sum := crc32.Checksum(data[:12], crc32.MakeTable(crc32.Castagnoli))
	binary.LittleEndian.PutUint32(data[12:], sum)
}

const benchEvents = 1_000_000

// BenchmarkRead decodes a packed busy run. B/event is what it takes in the file.
func BenchmarkRead(b *testing.B) {
	data := pack(b, tracetest.Busy(benchEvents, 1))
	events := 0
	for b.Loop() {
		events += drain(b, data)
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	b.ReportMetric(float64(len(data))/(float64(events)/float64(b.N)), "B/event")
}

func drain(b *testing.B, data []byte) int {
	src, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; ; n++ {
		if _, err := src.Next(); err == io.EOF {
			return n
		}
	}
}

// BenchmarkWrite packs events that are in memory.
func BenchmarkWrite(b *testing.B) {
	src := tracetest.Busy(200_000, 1)
	var events []tracefile.Event
	for {
		e, err := src.Next()
		if err == io.EOF {
			break
		}
		events = append(events, *e)
	}
	total := 0
	for b.Loop() {
		w := tracefile.NewWriter(io.Discard, src)
		for i := range events {
			if err := w.Write(&events[i]); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		total += len(events)
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}
