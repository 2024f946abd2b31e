// A heartbeat ranges over a ticker that is stopped: Stop does not close the channel.
package main

import "time"

func main() {
	ticker := time.NewTicker(time.Millisecond)
	go beat(ticker) // creator
	time.Sleep(10 * time.Millisecond)
	ticker.Stop()
	time.Sleep(30 * time.Millisecond)
}

func beat(ticker *time.Ticker) {
	for range ticker.C { // waits
	}
}
