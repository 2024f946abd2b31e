package view

import (
	"fmt"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// many is an index of n tasks from 40 sites, most of which ended.
func many(n int) *index {
	run := &analyze.Run{}
	process := &analyze.Process{ID: 1, Main: true, Exit: analyze.Exit{TimeNS: 1e12}}
	sites := make([]*analyze.Site, 40)
	for i := range sites {
		sites[i] = &analyze.Site{Coro: fmt.Sprintf("Service.handler%d", i%20), At: &analyze.Frame{File: fmt.Sprintf("/srv/app/module%d.py", i%5), Line: i}}
	}
	for i := range n {
		task := &analyze.Task{
			ID: i + 1, Process: process, Name: fmt.Sprintf("Task-%d", i*5), Site: sites[i*7%len(sites)], SpawnedNS: int64(i) * 1000, FirstStepNS: 1,
			EndedNS: int64(i)*1000 + int64(i)*7919%1_000_003, Steps: i % 13, BusyNS: int64(i) * 104_729 % 1_000_003, Outcome: "returned",
		}
		if i%1000 == 0 {
			task.EndedNS, task.Outcome = 0, "pending"
		}
		run.Tasks = append(run.Tasks, task)
	}
	return newIndex(&analyze.Result{Run: run})
}

// BenchmarkOrder measures the first sorting of a million tasks by each column.
func BenchmarkOrder(b *testing.B) {
	x := many(1_000_000)
	for c := colWarn; c < columns; c++ {
		if c == colSched {
			continue
		}
		b.Run(c.title(), func(b *testing.B) {
			for b.Loop() {
				x.order(c)
			}
		})
	}
}

// BenchmarkFilter measures a filter over a million tasks.
func BenchmarkFilter(b *testing.B) {
	x := many(1_000_000)
	order := x.order(colWarn)
	for _, text := range []string{"handler7", "nobody", "Task-12", "handler7 returned"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				x.pick(order, filter{text: text}, func() bool { return false })
			}
		})
	}
}

// BenchmarkFrame measures a key and the screen that follows, for tables of different lengths.
func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{100, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := drive(b, &analyze.Result{Run: many(n).run}, Options{}, 130, 40)
			for b.Loop() {
				d.press("down")
				d.m.View()
			}
		})
	}
}
