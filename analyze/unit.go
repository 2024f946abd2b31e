package analyze

// Test is one test of a test runner that opened a loop or made a task.
type Test struct {
	ID             int
	Process        *Process
	Runner         string // "pytest", "unittest"
	Name           string // as its runner names it: "tests/test_mail.py::TestBox::test_send[2]", "tests.test_mail.TestBox.test_send"
	File           string // absolute; "" if it is not known
	Line           int    // of its function; 0 if it is not known
	Class          string // "" if it is in none
	Function       string // with its parameters: "test_send[2]"
	BeginNS, EndNS int64  // EndNS: when the next one began, or the process ended
}
