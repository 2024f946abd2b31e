// Whoever reads from a pipe stops after the first line: the other end writes into it for ever.
package main

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

func list(w *io.PipeWriter) {
	defer w.Close()
	for i := range 5 {
		fmt.Fprintln(w, "line", i) // waits
	}
}

func main() {
	r, w := io.Pipe()
	go list(w) // creator
	line, err := bufio.NewReaderSize(r, 16).ReadString('\n')
	fmt.Println(line, err)
	time.Sleep(30 * time.Millisecond)
}
