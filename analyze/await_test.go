package analyze

import "testing"

func TestAwaited(t *testing.T) {
	v38, v310, v312 := [3]int{3, 8, 18}, [3]int{3, 10, 13}, [3]int{3, 12, 1}
	tests := []struct {
		on      string
		chain   []string
		version [3]int
		want    string
	}{
		{"future", []string{"app.py:1:main"}, v312, "future"},
		{"", nil, v312, "none"},
		{"Gather", []string{"app.py:1:main"}, v312, "gather"},
		{"future", []string{"app.py:1:main", "asyncio/tasks.py:650:sleep"}, v312, "sleep"},
		{"future", []string{"asyncio/tasks.py:650:sleep"}, v312, "sleep"},
		{"future", []string{"asyncio/tasks.py:650:sleep", "app.py:1:main"}, v312, "future"},
		{"future", []string{"app.py:1:main", "asyncio/tasks.py:500:wait_for", "asyncio/queues.py:150:get"}, v312, "queue"},
		{"future", []string{"app.py:1:main", "asyncio/tasks.py:500:wait_for"}, v310, "wait_for"},
		{"future", []string{"app.py:1:main", "asyncio/tasks.py:500:wait", "asyncio/tasks.py:540:_wait"}, v312, "wait"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:15:__aenter__=_ContextManagerMixin.__aenter__", "asyncio/locks.py:110:acquire=Lock.acquire"}, v312, "lock"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:390:acquire=Semaphore.acquire"}, v312, "semaphore"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:210:wait=Event.wait"}, v312, "event"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:490:wait=Barrier.wait", "asyncio/locks.py:510:_block=Barrier._block", "asyncio/locks.py:300:wait_for=Condition.wait_for", "asyncio/locks.py:270:wait=Condition.wait"}, v312, "barrier"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:14:__aenter__", "asyncio/locks.py:115:acquire"}, v310, "lock"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:375:acquire"}, v310, "semaphore"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:309:wait"}, v38, "event"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:375:wait"}, v38, "condition"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:214:wait"}, v310, "event"},
		{"future", []string{"app.py:1:main", "asyncio/locks.py:263:wait"}, v310, "condition"},
		{"future", []string{"app.py:1:main", "asyncio/streams.py:540:readline", "asyncio/streams.py:620:readuntil"}, v312, "io"},
		{"future", []string{"app.py:1:main", "asyncio/subprocess.py:140:wait", "asyncio/base_subprocess.py:230:_wait"}, v312, "subprocess"},
		{"future", []string{"app.py:1:main", "asyncio/threads.py:25:to_thread"}, v312, "executor"},
		{"executor", []string{"app.py:1:main", "asyncio/base_events.py:880:getaddrinfo"}, v312, "executor"},
		{"future", []string{"app.py:1:main", "site/pool/queues.py:3:get"}, v312, "future"},
		{"task", []string{"app.py:1:main", "asyncio/tasks.py:500:wait_for"}, v312, "task"},
	}
	for _, tt := range tests {
		tr := newTrace()
		p := (&builder{src: tr, streams: nil}).testProc(tt.version)
		if got := p.chain(tr.chain("suspended", tt.on, tt.chain...)).kind; got != tt.want {
			t.Errorf("%s %v: %s, want %s", tt.on, tt.chain, got, tt.want)
		}
	}
}

func (b *builder) testProc(version [3]int) *proc {
	return &proc{
		b: b, pub: &Process{Version: version, Cwd: "/app"}, userFiles: map[string]bool{},
		libraries: []string{"/usr/lib/python3.12/", "/usr/lib/python3.12/site-packages/"},
	}
}
