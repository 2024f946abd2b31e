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
//	TOKEN.samples      by the launcher, if it saw the process in a long step
//	TOKEN.gotrace      an attachment: a Go execution trace of the process, as its runtime wrote it
//	run.meta           by the launcher: "=run command=[JSON] started_at=N started_ns=N pid=N\n" and, at the end,
//	                   "=end duration_ns=N exit_code=N signal=N\n"; see WriteRunBegin and WriteRunEnd
//
// Everything is written through: what was written before the process was killed is in the files. A spool can be read while
// it is written; the reader takes what is there.
//
// # Facts
//
// UTF-8 lines that end in \n; a last line without one is torn and is dropped, and so is a line whose last character is
// \x18 (the disk was full, and then had room again). A value escapes backslash, space, control
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
// others to Attrs. A value or list element @HEX is a task address (see below) and is replaced by its TaskID in decimal;
// the values of name, text and message and JSON lists are never taken for one. An attribute whose value is the id of a
// stack has a key that ends in _stack. The fact task_named (task, name) is no event: it is the name that the following
// task_ended of that task carries. Kinds, definitions and slots that the reader does not know are passed over and counted.
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
//	bits 52–55  page of the codes (encoding 2 only), 0 for these:
//
//	address  code  value    meaning
//	≠ 0      0     time     step_begun
//	≠ 0      1     time     task_spawned: the address is a new task from here on
//	≠ 0      2,3,4 time     task_ended returned, raised, cancelled
//	≠ 0      5     time     cancel_requested
//	≠ 0      6     chain    task_waiting, at the time of the last timed event
//	≠ 0      7,8   number   task_ended returned, cancelled: its name is "Task-number"; at the time of the next timed slot
//	≠ 0      13,14 name     task_ended returned, cancelled: its name is that definition; likewise
//	≠ 0      9     site     argument of the following task_spawned of this address
//	≠ 0      10    number   argument of the following task_ended: its name is "Task-number"
//	≠ 0      11    name     argument of the following task_ended: its name is that definition
//	≠ 0      12    stack    argument of the following cancel_requested
//	≠ 0      15    time     task_woken
//	0        1     time     callback_begun
//	0        2,3   time     io_wait_begun, io_wait_ended
//	0        4     ordinal  the fact with this ordinal happened here
//
// and page 1, of the Go recorder:
//
//	≠ 0      0     time     step_ended; bits 56–63 are its chain, if that is less than 256 and not an argument
//	≠ 0      1     chain    argument of the following step_ended of this address
//	≠ 0      2     address  of the parent, divided by 16: argument of the following task_spawned of this address
//	≠ 0      3     name     argument of the following task_spawned of this address: its name
//	≠ 0      4     name     task_failed with this type, at the time of the last timed event
//
// In a process with lanes=task an address is 16 times the number of a task. Such numbers are counted from 1 and never come
// again, so what a slot says of a task that has ended is passed over: goroutines overtake each other.
//
// Facts happen in the order of their ordinals: a slot that refers to one lets those before it, which no slot referred to
// yet, happen first. One that no slot refers to (the process died in between) comes after all slots. A step or end of an
// address that was never spawned, or whose task has ended, is a task whose birth was not observed; it gets a TaskID all the
// same. A fact may speak of a task that has ended. The loop of an I/O wait is that of the innermost run on its thread.
//
// # Samples
//
// A samples file is like a facts file: =code and =stack definitions, counted apart from those of the recorder, and the
// events step_sampled and note_added, ordered by time. The stacks end where the loop calls the step. The reader puts each
// event before the first event of the stream that is not older, and adds 2^31 to its stack.
//
// # Streams
//
// Each token is a stream. Streams are ordered by the time of their process_started, each followed by those of its children,
// and numbered from 1 in this order. The parent of a stream is the one that process_started names by parent=TOKEN; else
// the last one before it with the same pid, if it was not forked (the successor of an exec, a further interpreter); else
// the last one before it with the pid ppid. The reader adds parent_stream=N to the process_started of a stream with a
// parent, lets a stream begin with its process_started and, in a forked child, go on with one task_inherited for each
// address whose task was live in the parent at the fork: at its process_forked with the fork=N (or child=PID) of the child,
// where that is missing at the last event before the child started. The child goes on with the parent's addresses and runs;
// definitions that it does not make itself are the parent's.
//
// # Packed
//
// A packed trace is one file. It begins with the 16 bytes "\x93ltrace\n", u16 version (1), u16 0, u32 CRC of these 12. CRCs
// are CRC-32C; numbers of fixed size are little endian, all others varints (signed ones zigzag). Then come frames, each a
// header of 40 bytes and a payload:
//
//	u32  marker f7 6c 74 c5             u32  bytes of the payload in the file
//	u8   type, u8 flags, u16 0          u64  events in the frames before it
//	u32  stream                         u32  CRC of the payload as in the file
//	u32  number of events, definitions  u32  CRC of the header up to here
//	u32  bytes of the payload
//
// Flag 1: the payload is deflated (events only where that halves them), and padded so that it does not expand more than 16 times. A frame needs no other one to
// be decoded. Types; others are passed over:
//
//	1 run      key=value words as in run.meta; first of all frames, and once more at the end
//	2 defs     definitions, before the first events that use them
//	3 events   events of one stream
//	4 again    a defs frame repeated: after every few MiB and at the end of each stream. A reader that lost a frame reads
//	           the next repetition at once, so that the loss costs no names
//	5 health   "truncated=0|1\n", then each note as one escaped line
//	7 what     an attachment of the stream is: key=value words kind= (gotrace) and size=; before and after its bytes
//	8 attached bytes of it: 1 MiB, the last one less. The number of events, definitions is that of the block, from 0
//	9 lanes    events of one stream with lanes=task: rows whose ops are in part others (rowlanes.go)
//	6 index    of every frame before it: u8 type, stream, number, offset and events before it, the latter two as the
//	           difference to the entry before
//
// The file ends with the 24 bytes "ltindex\n", u64 offset of the index frame, u32 0, u32 CRC. Where that is missing or
// damaged, the frames are found by their headers; where one of these is damaged, by the next marker with a right CRC.
//
// A defs payload is: number of strings, each with its length (string 0 is the empty one); number of frames of stacks, each
// file, line, function, qualname, text, the strings by number; number of stacks, each id, length, frames by number from 1;
// number of sites, each id, stack, coro, def (0: none); number of chains, each id, state, on, length, frames.
//
// An events payload is the time of its first event, then rows. The low four bits of a row's first byte say what it is
// (rowop.go), the high four how many bytes with the time since the row before follow: 0: no time; 1–10: one byte, plus
// 1+256·(class-1); 11–13: two, plus 2561+65536·(class-11); 14: three, plus 199169; 15: four. Predictions make most rows of
// two or three bytes: the task that steps is the one after the last (by id, or by what followed it before in the frame), a
// new task has the next id, its name is Task-N with N as far from the id as that of the one before.
//
// Reading takes memory for one frame, the index and the definitions of one stream: a fixed multiple of the size of the file.
//
// # Text twin
//
// Lines of UTF-8; blank ones and those that begin with # do not count. The first is "looptrace 1". The others are words
// separated by spaces, with values escaped as in facts (\e is the empty string where a frame needs one):
//
//	=run command=[JSON] started_at=N started_ns=N pid=N duration_ns=N exit_code=N signal=N
//	=stream N                                            what follows is about stream N; 1 if there is no such line
//	=stack ID FRAME,FRAME…                               - if empty
//	=site ID stack=ID coro=… def=FRAME
//	=chain ID state=… on=… FRAME,FRAME…
//	TIME KIND key=value…                                 an event
//	=health dropped=N truncated=0|1
//	=note text=…
//
// TIME is ns since started_ns (since 0 without =run). KIND is what Kind.String returns. Keys thread, task, loop, site,
// stack, chain, number and name are fields of Event, all others Attrs. A FRAME is file:line:function[:qualname[:text]] with
// colons and commas in its parts escaped (\x3a, \x2c); no qualname means the function.
//
// In a trace written by hand, definitions can stand where they are used: stack= and keys that end in _stack take
// FRAME,FRAME… in place of an id; task_spawned takes at=FRAME,FRAME… coro=… def=FRAME in place of site=ID; task_waiting
// and live_task take await=FRAME,FRAME… state=… on=… in place of chain=ID (await=- for none):
//
//	looptrace 1
//	0 process_started pid=1 ppid=0 python=3.13.0 implementation=cpython
//	10 loop_opened loop=1 stack=/app.py:9:main
//	20 task_spawned task=1 loop=1 at=/app.py:4:main coro=worker def=/app.py:1:worker
//	30 close_begun loop=1 stack=/app.py:6:main
//	30 live_task task=1 loop=1 await=/app.py:2:worker on=future name=Task-1
//	40 close_ended loop=1 outcome=closed
//
// A line that is none of these is an error (ErrSyntax), because it is a mistake of whoever wrote it; a last line without an
// end is dropped and the loss stated.
package tracefile
