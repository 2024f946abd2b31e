package analyze

import "testing"

func TestPathOf(t *testing.T) {
	app := &Process{Cwd: "/srv/app", Argv: []string{"python3", "app.py"}}
	script := &Process{Cwd: "/", Argv: []string{"/usr/bin/python3", "-X", "dev", "/home/me/v1/run.py"}}
	for _, c := range []struct {
		p    *Process
		file string
		want string
	}{
		{app, "/srv/app/jobs/mail.py", "jobs/mail.py"},
		{app, "/srv/app2/mail.py", "/srv/app2/mail.py"},
		{app, "/srv/app", "/srv/app"},
		{app, "<string>", "<string>"},
		{nil, "/srv/app/mail.py", "/srv/app/mail.py"},
		{&Process{Cwd: "/srv/app/"}, "/srv/app/mail.py", "mail.py"},
		{&Process{}, "/srv/app/mail.py", "/srv/app/mail.py"},
		{&Process{Cwd: "/"}, "/app/mail.py", "app/mail.py"},
		// A daemon was forked and went to /; a child that was started anew begins where it was started.
		{&Process{Cwd: "/", Forked: true, Parent: &Process{Cwd: "/", Forked: true, Parent: app}}, "/srv/app/mail.py", "mail.py"},
		{&Process{Cwd: "/srv/app/sub", Parent: app}, "/srv/app/sub/mail.py", "mail.py"},
		{&Process{Cwd: "/", Argv: []string{"python3", "app.py"}}, "/srv/app.py", "srv/app.py"},
		{&Process{Cwd: "/tmp/x", Forked: true, Parent: app}, "/tmp/x/gen.py", "gen.py"},
		{script, "/home/me/v1/box/mail.py", "box/mail.py"},
		{&Process{Cwd: "/tmp", Argv: script.Argv}, "/home/me/v1/box/mail.py", "box/mail.py"},
		{&Process{Cwd: "/tmp", Argv: []string{"python", "-m", "/home/me/v1/run.py"}}, "/home/me/v1/mail.py", "/home/me/v1/mail.py"},
	} {
		if got := PathOf(c.p, c.file); got != c.want {
			t.Errorf("%s of %+v: %s, want %s", c.file, c.p, got, c.want)
		}
	}
}

// A damaged trace may claim that a process is its own parent.
func TestPathOfCircle(t *testing.T) {
	p := &Process{Cwd: "/srv", Forked: true}
	p.Parent = p
	if got := PathOf(p, "/srv/a.py"); got != "a.py" {
		t.Error(got)
	}
}

func TestFunctionOf(t *testing.T) {
	for name, want := range map[string]string{
		"main":         "main",
		"Bot.shutdown": "Bot.shutdown",
		"main.<locals>.<listcomp>.<locals>.<dictcomp>": "main",
		"main.<locals>.<genexpr>":                      "main.<locals>.<genexpr>",
		"main.<locals>.<lambda>":                       "main.<locals>.<lambda>",
		"<listcomp>":                                   "<listcomp>",
	} {
		if got := FunctionOf(&Frame{Function: "f", Qualname: name}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := FunctionOf(&Frame{Function: "f"}); got != "f" {
		t.Error(got)
	}
}

func TestUnqualified(t *testing.T) {
	for _, c := range []struct {
		short, long string
		want        bool
	}{
		{"shutdown", "Bot.shutdown", true},
		{"shutdown", "main.<locals>.shutdown", true},
		{"shutdown", "shutdown", true},
		{"shutdown", "start", false},
		{"down", "shutdown", false},
		{"<listcomp>", "Bot.start", true},
		{"<lambda>", "Bot.start", false},
		{"Bot.shutdown", "App.Bot.shutdown", false},
	} {
		if got := Unqualified(c.short, c.long); got != c.want {
			t.Errorf("%s for %s: %t", c.short, c.long, got)
		}
	}
}

func TestIdentityWithoutLine(t *testing.T) {
	p := &Process{Argv: []string{"/usr/bin/python3", "-m", "pytest", "-x"}}
	task := &Task{Site: &Site{Coro: "poll"}}
	for _, c := range []struct {
		f    Finding
		want Identity
	}{
		{Finding{Rule: "r", Process: p, Tasks: []*Task{task}}, Identity{Rule: "r", Function: "poll"}},
		{Finding{Rule: "r", Process: p}, Identity{Rule: "r", Function: "-m pytest"}},
		{Finding{Rule: "r", Process: &Process{Argv: []string{"python3.12", "-u", "/srv/app.py", "x"}}}, Identity{Rule: "r", Function: "app.py"}},
		{Finding{Rule: "r", Process: &Process{Argv: []string{"python", "-c", "x"}}}, Identity{Rule: "r", Function: "-c"}},
		{Finding{Rule: "r"}, Identity{Rule: "r"}},
	} {
		if got := IdentityOf(&c.f); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
	a, b := Identity{Rule: "r", Path: "x"}, Identity{Rule: "r", Function: "x"}
	if a.Fingerprint(0) == b.Fingerprint(0) || a.Fingerprint(0) == a.Fingerprint(1) || len(a.Fingerprint(0)) != 64 {
		t.Error("fingerprints of different identities are equal")
	}
}
