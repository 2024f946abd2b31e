package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/looptrace/looptrace/examples/go/httpserver"
	"github.com/looptrace/looptrace/recorder"
)

// serve begins a server with one handler, and returns its address and what Serve will return.
func serve(t *testing.T, server *httpserver.Server) (url string, served <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), end
}

// After Shutdown nothing is left: no request, and no connection that was kept alive.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for _, rec := range []*recorder.Loop{nil, recorder.New().Loop("")} {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("name")) })
		server := httpserver.New(mux, rec)
		url, served := serve(t, server)
		client := &http.Client{Transport: &http.Transport{}}
		for range 3 {
			res, err := client.Get(url + "/page")
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(res.Body); err != nil || string(body) != "page" {
				t.Errorf("%q, %v", body, err)
			}
			_ = res.Body.Close()
		}
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if live := rec.Live(); len(live) > 0 {
			t.Errorf("live: %+v", live)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		client.CloseIdleConnections()
	}
}

// A handler that is not done when Shutdown gives up is named by its pattern, not by what the client asked for.
func TestHandlerStays(t *testing.T) {
	t.Parallel()
	rec, begun, end := recorder.New().Loop(""), make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /users/{id}", func(http.ResponseWriter, *http.Request) { close(begun); <-end })
	server := httpserver.New(mux, rec)
	url, _ := serve(t, server)
	go func() {
		if res, err := http.Get(url + "/users/secret"); err == nil {
			_ = res.Body.Close()
		}
	}()
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	live := rec.Live()
	if len(live) != 2 || live[0].Name != "connection" || live[1].Name != "GET /users/{id}" || live[1].Parent != live[0].ID {
		t.Errorf("live: %+v", live)
	}
	close(end)
	_ = server.Close()
}
