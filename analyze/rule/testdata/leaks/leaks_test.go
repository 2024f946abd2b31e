package leaks

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"sync"
	"testing"
	"time"
)

// Each line that is to blame ends in "// leaks". All of these tests run at once.

func TestWorkers(t *testing.T) {
	t.Parallel()
	for range 3 {
		newPool(1).jobs <- 1
	}
}

func TestWorkersStopped(t *testing.T) {
	t.Parallel()
	p := newPool(3)
	p.jobs <- 1
	p.stop()
}

func TestSend(t *testing.T) {
	t.Parallel()
	ch := make(chan int)
	go func() { ch <- 1 }() // leaks
	settle()
}

func TestSendBuffered(t *testing.T) {
	t.Parallel()
	ch := make(chan int, 1)
	go func() { ch <- 1 }()
	settle()
}

func TestNilChannel(t *testing.T) {
	t.Parallel()
	t.Run("sub", func(t *testing.T) {
		var ch chan int
		go func() {
			<-ch // leaks
		}()
		settle()
	})
}

func TestGrandchild(t *testing.T) {
	t.Parallel()
	started := make(chan bool)
	go func() {
		go func() { // leaks
			var mu sync.Mutex
			mu.Lock()
			close(started)
			mu.Lock()
		}()
	}()
	<-started
	settle()
}

func TestWaits(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	wg.Add(1)
	go wg.Wait() // leaks
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	go func() { // leaks
		mu.Lock()
		cond.Wait()
	}()
	var rw sync.RWMutex
	rw.RLock()
	go rw.Lock() // leaks
	settle()
}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	go func() { // leaks
		tick := time.NewTicker(time.Hour)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}()
	settle()
}

func TestSignalContext(t *testing.T) {
	t.Parallel()
	_, stop := signal.NotifyContext(context.Background(), os.Interrupt) // leaks
	_ = stop
	_, stop = signal.NotifyContext(context.Background(), os.Interrupt)
	stop()
	settle()
}

func TestTicker(t *testing.T) {
	t.Parallel()
	tick := time.NewTicker(time.Millisecond)
	go func() { // leaks
		for range tick.C {
		}
	}()
	settle()
	tick.Stop()
}

func TestIterator(t *testing.T) {
	t.Parallel()
	next, stop := iter.Pull(func(yield func(int) bool) {
		for yield(1) {
		}
	})
	next()
	stop()
}

func TestListener(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go ln.Accept() // leaks
	settle()
}

var handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	for range 20 {
		w.Write(make([]byte, 1<<10))
	}
})

func TestBody(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(handler) // leaks
	resp, err := http.Get(srv.URL)     // leaks
	if err != nil {
		t.Fatal(err)
	}
	io.ReadFull(resp.Body, make([]byte, 10))
	settle()
}

func TestIdleConnections(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(handler)
	srv.Start()
	defer srv.Listener.Close()
	for range 2 {
		resp, err := new(http.Client).Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func TestDatabase(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(connector{})
	db.Ping()
	settle()
}

func TestTransaction(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(connector{})
	ctx, cancel := context.WithCancel(context.Background())
	_ = cancel
	if _, err := db.BeginTx(ctx, nil); err != nil { // leaks
		t.Fatal(err)
	}
	settle()
}

func TestEndsLater(t *testing.T) {
	t.Parallel()
	go time.Sleep(40 * time.Millisecond)
}

// TestLast lets the trace go on after the others.
func TestLast(t *testing.T) {
	t.Parallel()
	time.Sleep(300 * time.Millisecond)
}

// settle gives goroutines time to block.
func settle() { time.Sleep(5 * time.Millisecond) }

// connector is a database without anything in it.
type connector struct{}

var errNone = errors.New("none")

func (connector) Connect(context.Context) (driver.Conn, error) { return connector{}, nil }
func (connector) Driver() driver.Driver                        { return nil }
func (connector) Prepare(string) (driver.Stmt, error)          { return nil, errNone }
func (connector) Close() error                                 { return nil }
func (connector) Begin() (driver.Tx, error)                    { return connector{}, nil }
func (connector) Commit() error                                { return nil }
func (connector) Rollback() error                              { return nil }
