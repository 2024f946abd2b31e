package launch

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// relay passes the signals that looptrace gets on to the command.
type relay struct {
	caught chan os.Signal
	done   chan struct{}
	ended  chan struct{} // nil until passTo
	got    []os.Signal   // what was caught; complete after stop
}

// catchSignals starts to collect signals. It comes before the command is started, so that none that arrives in between is
// lost.
//
// The command inherits which signals are ignored. The Go runtime keeps an ignored SIGINT and SIGHUP as long as nobody asks
// to be notified of them, and forgets all others before main; of those it matters for SIGQUIT, which a shell ignores
// together with SIGINT when it starts a background job.
func catchSignals() *relay {
	r := &relay{caught: make(chan os.Signal, 16), done: make(chan struct{})}
	wanted := []os.Signal{syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2}
	if !signal.Ignored(syscall.SIGHUP) {
		wanted = append(wanted, syscall.SIGHUP)
	}
	if signal.Ignored(syscall.SIGINT) {
		signal.Ignore(syscall.SIGQUIT)
	} else {
		wanted = append(wanted, syscall.SIGINT, syscall.SIGQUIT)
	}
	signal.Notify(r.caught, wanted...)
	return r
}

// passTo delivers what was caught, and what comes, to the command.
func (r *relay) passTo(ctx context.Context, proc *os.Process) {
	r.ended = make(chan struct{})
	go func() {
		defer close(r.ended)
		cancelled := ctx.Done()
		for {
			select {
			case <-r.done:
				return
			case <-cancelled:
				cancelled = nil
				proc.Signal(syscall.SIGTERM) // it may have ended already
			case sig := <-r.caught:
				r.got = append(r.got, sig)
				if (sig == syscall.SIGINT || sig == syscall.SIGQUIT) && terminalDelivers() {
					continue
				}
				proc.Signal(sig) // it may have ended already
			}
		}
	}()
}

// stop ends the relay; from here on signals do to looptrace what they do by default.
func (r *relay) stop() {
	signal.Stop(r.caught)
	close(r.done)
	if r.ended != nil {
		<-r.ended
	}
	for len(r.caught) > 0 {
		r.got = append(r.got, <-r.caught)
	}
}

// terminalDelivers reports whether this process is in the foreground group of a terminal. The keys that interrupt then
// signal the command too, and passing the signal on would interrupt it twice.
func terminalDelivers() bool {
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(tty) // read only
	group, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// Die ends this process by a signal, without a core of its own. It returns only where the signal
// does not kill (a first process of a container, a blocked signal): the caller exits with 128 and its number then.
func Die(sig syscall.Signal) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &limit) == nil {
		limit.Cur = 0
		syscall.Setrlimit(syscall.RLIMIT_CORE, &limit) // a core at worst
	}
	signal.Reset(sig)
	defaultDisposition(sig)
	if syscall.Kill(os.Getpid(), sig) == nil {
		time.Sleep(100 * time.Millisecond)
	}
}
