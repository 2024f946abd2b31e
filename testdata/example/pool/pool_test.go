package pool

import "testing"

func TestGreet(t *testing.T) {
	for _, name := range []string{"world", "nobody"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := New(2)
			if name == "world" {
				defer p.Close()
			}
			if got := p.Greet(name); got != "hello "+name {
				t.Error(got)
			}
		})
	}
}
