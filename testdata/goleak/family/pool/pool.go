// Package pool is a library with workers.
package pool

// Pool runs jobs.
type Pool struct{ jobs chan func() }

// New starts a pool of n workers.
func New(n int) *Pool {
	p := &Pool{jobs: make(chan func())}
	for range n {
		go p.work() // pool: made
	}
	return p
}

func (p *Pool) work() {
	for job := range p.jobs { // pool: waits
		job()
	}
}

// Do runs a job in a worker.
func (p *Pool) Do(job func()) { p.jobs <- job }

// Close ends the workers.
func (p *Pool) Close() { close(p.jobs) }
