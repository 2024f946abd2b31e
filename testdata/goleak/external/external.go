// Package external starts its own goroutines.
package external

// Watch starts a watcher that nothing ends.
func Watch() {
	go func() { // watch: made
		select {} // watch: waits
	}()
}
