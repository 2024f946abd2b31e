// Package leaks has a pool of workers for the tests beside it. They are run with a trace by TestRealGoroutines.
package leaks

type pool struct{ jobs chan int }

func newPool(n int) *pool {
	p := &pool{jobs: make(chan int)}
	for range n {
		go p.work()
	}
	return p
}

func (p *pool) work() {
	for range p.jobs {
	}
}

func (p *pool) stop() { close(p.jobs) }
