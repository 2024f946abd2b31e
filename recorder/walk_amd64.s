#include "textflag.h"

// func walk(pcs *uintptr, most int) int
//
// It follows the frame pointers from its caller on. One that is not further out on the stack of this goroutine (code that C
// called back begins with one of C's stack) ends the walk: then the result is negative. So nothing but this stack is read,
// whatever a frame pointer says. Its bounds are the first two words of the g, which R14 holds in all Go code on amd64; should
// they ever be something else, the stack pointer is not between them. Nothing can move the stack meanwhile, for a goroutine is
// not preempted in assembly.
TEXT ·walk(SB), NOSPLIT, $0-24
	MOVQ pcs+0(FP), DI
	MOVQ most+8(FP), CX
	XORQ AX, AX
	MOVQ 8(R14), R9 // g.stack.hi
	MOVQ SP, SI
	CMPQ SI, 0(R14) // g.stack.lo
	JCS  lost
	CMPQ SI, R9
	JCC  lost
	SUBQ $16, R9    // a frame pointer has two words above it
	MOVQ BP, BX
next:
	CMPQ BX, SI
	JLS  lost
	CMPQ BX, R9
	JHI  lost
	MOVQ BX, SI
	CMPQ AX, CX
	JGE  done
	MOVQ 8(SI), DX
	MOVQ DX, (DI)(AX*8)
	INCQ AX
	MOVQ (SI), BX
	TESTQ BX, BX
	JNE  next
	JMP  done
lost:
	MOVQ $-1, AX
done:
	MOVQ AX, ret+16(FP)
	RET
