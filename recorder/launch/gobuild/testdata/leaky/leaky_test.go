package leaky

import (
	"fmt"
	"testing"
	"time"
)

func TestClean(t *testing.T) {
	close(Start())
}

func TestParallel(t *testing.T) {
	for _, name := range []string{"a", "b", "with space"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jobs := Start()
			time.Sleep(10 * time.Millisecond)
			jobs <- 1
		})
	}
}

func TestFails(t *testing.T) {
	Start()
	t.Error("as it should")
}

func TestSkips(t *testing.T) { t.Skip("as it should") }

func BenchmarkStart(b *testing.B) {
	for range b.N {
		close(Start())
	}
}

func FuzzStart(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, n int) { close(Start()) })
}

func ExampleStart() {
	close(Start())
	fmt.Println("started")
	// Output: started
}
