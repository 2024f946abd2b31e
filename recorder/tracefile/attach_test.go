package tracefile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// attachedSpool is a spool of two processes, each with an attachment of a size.
func attachedSpool(t testing.TB, sizes ...int) (dir string, want [][]byte) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "x.spool")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := tracefile.WriteRunBegin(dir, tracefile.RunInfo{Command: []string{"./prog"}, PID: 10}); err != nil {
		t.Fatal(err)
	}
	for i, size := range sizes {
		token := filepath.Join(dir, fmt.Sprintf("%d-ab", 10+i))
		facts := fmt.Sprintf("1 %d process_started pid=%d ppid=1 runtime=go1.26 recorder=runtime/trace\n", 100+i, 10+i)
		if err := os.WriteFile(token+".facts", []byte(facts), 0o600); err != nil {
			t.Fatal(err)
		}
		data := make([]byte, size)
		rand.New(rand.NewSource(int64(i))).Read(data)
		if err := os.WriteFile(token+".gotrace", data, 0o600); err != nil {
			t.Fatal(err)
		}
		want = append(want, data)
	}
	return dir, want
}

func readAttached(a tracefile.Attachment) ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(a, 0, a.Size))
}

func checkAttached(t *testing.T, f interface {
	Attachments() []tracefile.Attachment
}, want [][]byte,
) {
	t.Helper()
	list := f.Attachments()
	if len(list) != len(want) {
		t.Fatalf("%d attachments, want %d", len(list), len(want))
	}
	for i, a := range list {
		if a.Stream != tracefile.StreamID(i+1) || a.Kind != tracefile.AttachedGoTrace || a.Size != int64(len(want[i])) {
			t.Errorf("%d: stream %d %s %d bytes", i, a.Stream, a.Kind, a.Size)
		}
		got, err := readAttached(a)
		if err != nil || !bytes.Equal(got, want[i]) {
			t.Errorf("%d: %d of %d bytes are there or differ: %v", i, len(got), len(want[i]), err)
		}
	}
}

// TestAttachments: both forms give the bytes that were written, also in pieces and to several readers.
func TestAttachments(t *testing.T) {
	dir, want := attachedSpool(t, 3<<20+17, 0, 1<<20, 1)
	spool, err := tracefile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close()
	checkAttached(t, spool, want)
	path := filepath.Join(t.TempDir(), "x.ltrace")
	if err := tracefile.Pack(dir, path); err != nil {
		t.Fatal(err)
	}
	packed, err := tracefile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	checkAttached(t, packed, want)
	a := packed.Attachments()[0]
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewSource(int64(i)))
			for range 50 {
				at := r.Int63n(a.Size)
				b := make([]byte, 1+r.Intn(2<<20))
				n, err := a.ReadAt(b, at)
				if wantN := min(len(b), len(want[0])-int(at)); n != wantN || (err == io.EOF) != (n < len(b)) {
					t.Errorf("at %d: %d of %d bytes: %v", at, n, wantN, err)
				}
				if !bytes.Equal(b[:n], want[0][at:int(at)+n]) {
					t.Errorf("at %d: other bytes", at)
				}
			}
		})
	}
	wg.Wait()
	again := pack(t, packed)
	first, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(again, first) {
		t.Error("a copy of the packed trace differs from it", err)
	}
	if h := packed.Health(); h.Truncated || len(h.Notes) > 0 {
		t.Errorf("%+v", h)
	}
}

// TestAttachmentAlone: a process that died before it could say who it is still has its trace.
func TestAttachmentAlone(t *testing.T) {
	dir, want := attachedSpool(t, 100)
	os.Remove(filepath.Join(dir, "10-ab.facts"))
	f, err := tracefile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	checkAttached(t, f, want)
	if got := lines(t, f); len(got) != 0 || !f.Health().Truncated {
		t.Errorf("%q %+v", got, f.Health())
	}
}

// TestAttachmentsInText: the text form has no place for them and says so.
func TestAttachmentsInText(t *testing.T) {
	dir, _ := attachedSpool(t, 1234)
	f, err := tracefile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	if err := tracefile.WriteText(&b, f); err != nil {
		t.Fatal(err)
	}
	if want := `=note text=the\sGo\sexecution\strace\sof\sstream\s1\s(1234\sbytes)\sis\sleft\sout\shere`; !strings.Contains(b.String(), want) {
		t.Error(b.String())
	}
}

func packedAttachment(t *testing.T) ([]byte, []byte) {
	t.Helper()
	dir, want := attachedSpool(t, 2<<20+4096)
	path := filepath.Join(t.TempDir(), "x.ltrace")
	if err := tracefile.Pack(dir, path); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data, want[0]
}

// TestDamagedAttachment: a damaged byte costs its block, the rest can be read, and the loss is stated.
func TestDamagedAttachment(t *testing.T) {
	data, want := packedAttachment(t)
	at := bytes.Index(data, want[1<<20:1<<20+64])
	data[at+5] ^= 1
	p, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	a := p.Attachments()[0]
	got, err := readAttached(a)
	if len(got) != 1<<20 || err == nil || !bytes.Equal(got, want[:1<<20]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	rest := make([]byte, 4096)
	if n, err := a.ReadAt(rest, 2<<20); n != 4096 || err != nil || !bytes.Equal(rest, want[2<<20:]) {
		t.Errorf("behind the damage: %d bytes, %v", n, err)
	}
	lines(t, p)
	if h := p.Health(); !h.Truncated || !strings.Contains(strings.Join(h.Notes, "\n"), "offset 1048576: 1048576 bytes are lost") {
		t.Errorf("%+v", h)
	}
}

// TestCutAttachment: a cut file keeps the blocks before the cut, and says how much is missing.
func TestCutAttachment(t *testing.T) {
	whole, want := packedAttachment(t)
	r := rand.New(rand.NewSource(1))
	for range 40 {
		data := whole[:1+r.Intn(len(whole)-1)]
		p, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue
		}
		lines(t, p)
		for _, a := range p.Attachments() {
			got, err := readAttached(a)
			if err != nil || !bytes.HasPrefix(want, got) || int64(len(got)) != a.Size {
				t.Fatalf("cut at %d: %d of %d bytes, %v", len(data), len(got), a.Size, err)
			}
			if lost := len(want) - len(got); lost > 0 && !strings.Contains(strings.Join(p.Health().Notes, "\n"), fmt.Sprintf("%d of %d bytes are lost", lost, len(want))) {
				t.Fatalf("cut at %d: %q", len(data), p.Health().Notes)
			}
		}
	}
}

// TestMangledAttachment: whatever the bytes are, reading ends, and gives what was written or an error.
func TestMangledAttachment(t *testing.T) {
	whole, want := packedAttachment(t)
	r := rand.New(rand.NewSource(2))
	for range 60 {
		data := bytes.Clone(whole)
		for range 1 + r.Intn(4) {
			at := r.Intn(len(data))
			if r.Intn(2) == 0 { // near the ends, where headers are
				at = min(r.Intn(600), len(data)-1)
			}
			data[at] ^= byte(1 + r.Intn(255))
		}
		p, err := tracefile.ReadPacked(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue
		}
		for _, a := range p.Attachments() {
			got, err := readAttached(a)
			if !bytes.HasPrefix(want, got) && err == nil || a.Size > int64(len(data)) {
				t.Fatalf("%d bytes of %d, %v", len(got), a.Size, err)
			}
			if errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatal(err)
			}
		}
	}
}
