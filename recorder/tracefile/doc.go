// Package tracefile is the trace format of looptrace: what a recorder spools while the program runs, what looptrace run
// packs from it, and the text twin of both. No other package knows any of it.
//
// # Spool
//
// A spool is a directory. Each recorded process (each interpreter of it) writes two kinds of file named by its token,
// PID-HEX:
//
//	TOKEN.facts        text, appended with write(2): definitions and rare events
//	TOKEN.N.slots      N = 0, 1, 2…: mapped memory of fixed 16-byte slots: hot events
//	run.meta           one facts line by the launcher: command(json list) started_at started_ns pid, and at the end a
//	                   second line: duration_ns exit_code signal outlived(pids that still ran)?
//
// Everything is written through: what was written before the process was killed is in the files.
//
// # Facts
//
// UTF-8 lines that end in \n; a last line without one is torn and is dropped. A value escapes backslash, space, control
// characters, a leading @ and a comma inside a list element as \\, \s, \n, \r, \t, \xNN (bytes of invalid UTF-8 too).
// Definitions come before their first use:
//
//	=code ID file=… line=FIRST function=… qualname=…
//	=text CODE:LINE text=…                              source text of code that is in no file
//	=stack ID CODE:LINE,CODE:LINE…                      innermost first; - if empty
//	=site ID stack=ID loop=ID coro=… code=ID
//	=chain ID state=… on=… CODE:LINE,…                  outermost first; - if empty
//	=name ID text=…
//
// and rare events, numbered from 1 without a gap:
//
//	ORDINAL TIME KIND key=value key=value…
//
// TIME is ns of CLOCK_MONOTONIC. Keys thread, task, loop, stack, chain, number and name go to the fields of Event, all
// others to Attrs. A value or list element @HEX is a task address (see below) and is replaced by its TaskID in decimal.
//
// # Slots
//
// A slots file starts with a header of 64 bytes: "LTSLOTS1", u32 encoding (1: a slot is two float64; 2: a u64 and an i64),
// u32 slot size (16), u64 index of this file, zeros. All numbers are little endian. A slot is (word, value), value stored
// first: a slot whose word is 0 was never written and is passed over. Values that are times are seconds (encoding 1) or ns
// (encoding 2) of CLOCK_MONOTONIC.
//
//	bits 0–3    code
//	bits 4–46   address of the task / 16; 0 for codes that are about no task
//	bits 47–51  thread: 0 the only thread that ran a loop so far; 31 stands for all from 31 on
//
//	address  code  value    meaning
//	≠ 0      0     time     step_begun
//	≠ 0      1     time     task_spawned: the address is a new task from here on
//	≠ 0      2,3,4 time     task_ended returned, raised, cancelled
//	≠ 0      5     time     cancel_requested
//	≠ 0      6     chain    task_waiting, at the time of the last timed event
//	≠ 0      9     site     argument of the following task_spawned of this address
//	≠ 0      10    number   argument of the following task_ended or task_waiting: its name is "Task-number"
//	≠ 0      11    name     argument of the following task_ended or task_waiting: its name is that definition
//	≠ 0      12    stack    argument of the following cancel_requested
//	0        1     time     callback_begun
//	0        2,3   time     io_wait_begun, io_wait_ended
//	0        4     ordinal  the fact with this ordinal happened here
//
// A fact that no slot refers to (the process died in between) comes after all slots. A step or end of an address that was
// never spawned is a task whose birth was not observed; it gets a TaskID all the same.
package tracefile
