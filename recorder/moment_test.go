package recorder_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

// What a close lists is what the events before it leave over, however many goroutines make and end tasks meanwhile.
func TestCloseIsOneMoment(t *testing.T) {
	r, dir := open(t)
	for range 20 {
		l := r.Loop("loop")
		var wg sync.WaitGroup
		end := make(chan bool)
		for range 4 {
			wg.Go(func() {
				var held []*recorder.Task
				for i := 0; ; i++ {
					select {
					case <-end:
						return
					default:
					}
					_, task := l.Task(context.Background(), "task")
					task.Start()
					if held = append(held, task); len(held) > 5 {
						held[i%5].Done(nil)
						held[i%5] = held[5]
						held = held[:5]
					}
				}
			})
		}
		time.Sleep(time.Millisecond)
		l.Close()
		close(end)
		wg.Wait()
	}
	checkCloses(t, dir)
}

// checkCloses counts what is live from the events and compares it with what each close lists.
func checkCloses(t *testing.T, dir string) {
	t.Helper()
	src := spool(t, dir)
	live := map[uint32]map[uint32]bool{}
	loops := map[uint32]uint32{}
	listed, closing, n := map[uint32]bool{}, false, 0
	for {
		e, err := src.Next()
		if err != nil {
			break
		}
		id, loop := uint32(e.Task), uint32(e.Loop)
		switch e.Kind.String() {
		case "task_spawned":
			if live[loop] == nil {
				live[loop] = map[uint32]bool{}
			}
			live[loop][id], loops[id] = true, loop
		case "task_ended":
			delete(live[loops[id]], id)
		case "close_begun":
			listed, closing = map[uint32]bool{}, true
		case "live_task":
			if closing {
				listed[id] = true
			}
		case "close_ended":
			closing = false
			n++
			if len(listed) != len(live[loop]) {
				t.Errorf("loop %d: %d tasks are listed, %d are live", loop, len(listed), len(live[loop]))
			}
			for id := range live[loop] {
				if !listed[id] {
					t.Errorf("loop %d: task %d is live and not listed", loop, id)
				}
			}
		}
	}
	if n != 20 {
		t.Errorf("%d closes, want 20", n)
	}
}
