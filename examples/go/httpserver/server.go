// Package httpserver is an http.Server whose connections and requests are tasks of a loop: a recording tells which of them
// outlived Shutdown, and in which handler.
package httpserver

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/looptrace/looptrace/recorder"
)

// Server is an http.Server that tells of its work.
type Server struct {
	http.Server
	rec *recorder.Loop // nil: nothing is recorded

	mu    sync.Mutex
	conns map[net.Conn]*recorder.Task
	open  sync.WaitGroup // connections
}

// New returns a server that tells rec, which may be nil, of its work.
func New(handler http.Handler, rec *recorder.Loop) *Server {
	s := &Server{rec: rec, conns: map[net.Conn]*recorder.Task{}}
	s.Handler = s.recorded(handler)
	s.ConnContext = s.accepted
	s.ConnState = s.changed
	return s
}

// recorded makes a task of each request. Its name is the pattern that the request matches, never what the client sent.
func (s *Server) recorded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.rec.Do(r.Context(), pattern(next, r), func(ctx context.Context) { next.ServeHTTP(w, r.WithContext(ctx)) })
	})
}

// pattern returns what a mux would choose for the request.
func pattern(h http.Handler, r *http.Request) string {
	if mux, ok := h.(*http.ServeMux); ok {
		if _, p := mux.Handler(r); p != "" {
			return p
		}
	}
	return "request"
}

// accepted makes a task of a connection. Its requests are the children.
func (s *Server) accepted(ctx context.Context, c net.Conn) context.Context {
	ctx, task := s.rec.Task(ctx, "connection")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = task
	s.open.Add(1)
	return ctx
}

// changed is told of every step in the life of a connection.
func (s *Server) changed(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch task := s.conns[c]; state {
	case http.StateNew, http.StateIdle:
		task.Wait("request")
	case http.StateActive:
		task.Wait("handler")
	case http.StateHijacked, http.StateClosed:
		task.Done(nil)
		delete(s.conns, c)
		s.open.Done()
	}
}

// Serve is that of http.Server.
func (s *Server) Serve(l net.Listener) error {
	s.rec.Run()
	defer s.rec.Stop()
	return s.Server.Serve(l)
}

// Shutdown is that of http.Server, and waits for the goroutines of idle connections too, which end soon after. What is live
// when it returns is what outlives the server.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.Server.Shutdown(ctx)
	if err == nil {
		s.open.Wait()
	}
	s.rec.Close()
	return err
}
