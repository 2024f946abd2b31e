// Package pool has tests that leave goroutines behind: go test -trace=OUT.
package pool

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime/trace"
	"testing"
	"time"
)

type Pool struct{ jobs chan int }

func (p *Pool) Start() { go p.work() }

func (p *Pool) work() {
	for range p.jobs {
	}
}

func (p *Pool) Close() {
	select {
	case p.jobs <- 1:
	default:
	}
}

func leak() {
	go func() {
		go func() { select {} }()
	}()
}

func TestWorker(t *testing.T) {
	t.Parallel()
	p := &Pool{make(chan int)}
	p.Start()
	time.Sleep(3 * time.Millisecond)
	p.Close()
}

func TestGrandchild(t *testing.T) {
	t.Parallel()
	leak()
	time.Sleep(5 * time.Millisecond)
}

func TestTable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			go func() {
				var never chan int
				<-never
			}()
			time.Sleep(time.Millisecond)
		})
	}
}

func testNamed(t *testing.T) { leak() }

func TestNamed(t *testing.T) { t.Run("sub", testNamed) }

func TestClient(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{}}
	r, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
}

func TestRight(t *testing.T) {
	t.Parallel()
	done := make(chan bool)
	go close(done)
	<-done
}

func TestUserTasks(t *testing.T) {
	ctx, request := trace.NewTask(context.Background(), "request")
	query, _ := trace.NewTask(ctx, "query")
	go trace.WithRegion(query, "work", func() { select {} })
	time.Sleep(time.Millisecond)
	trace.Log(ctx, "secret", "value")
	request.End()
}
