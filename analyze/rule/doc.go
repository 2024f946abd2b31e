// Package rule turns facts into verdicts: which facts of a run are faults, which one is the root of the others, and what
// to change.
//
// A rule is metadata, which is its documentation, and a function over the facts. Rules are independent of each other; what
// relates them is in three places only:
//
//  1. every rule reports what it is certain of (one file per rule);
//  2. fold removes a finding that merely follows from another one, and tells it there (fold.go);
//  3. repeats of one fault become one finding (repeat.go), findings are ranked (rank.go) and get a fingerprint
//     (fingerprint.go).
//
// A rule that cannot decide reports nothing and leaves a sentence in Run.Health.Notes. A wrong accusation is worse than
// silence.
package rule
