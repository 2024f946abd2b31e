// Whoever reads from a pipe closes its end, which ends the writes into it.
package main

import (
	"bufio"
	"fmt"
	"io"
	"sync"
)

func list(w *io.PipeWriter) {
	defer w.Close()
	for i := range 5 {
		if _, err := fmt.Fprintln(w, "line", i); err != nil {
			return
		}
	}
}

func main() {
	r, w := io.Pipe()
	var lister sync.WaitGroup
	lister.Go(func() { list(w) })
	line, err := bufio.NewReaderSize(r, 16).ReadString('\n')
	fmt.Println(line, err)
	r.Close()
	lister.Wait()
}
