// Package pool has workers that end when nothing more is sent.
package pool

// A Pool greets by several workers.
type Pool struct {
	jobs chan string
	done chan string
}

// New starts the workers.
func New(workers int) *Pool {
	p := &Pool{jobs: make(chan string), done: make(chan string)}
	for range workers {
		go p.work()
	}
	return p
}

func (p *Pool) work() {
	for name := range p.jobs {
		p.done <- "hello " + name
	}
}

// Greet has a worker greet.
func (p *Pool) Greet(name string) string {
	p.jobs <- name
	return <-p.done
}

// Close ends the workers.
func (p *Pool) Close() { close(p.jobs) }
