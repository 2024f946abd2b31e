// Package leaky leaves goroutines behind.
package leaky

// Start starts a worker that waits for jobs.
func Start() chan<- int {
	jobs := make(chan int)
	go work(jobs)
	return jobs
}

func work(jobs chan int) {
	for range jobs {
		go work(make(chan int))
	}
}
