#include "textflag.h"

// func walk(pcs *uintptr, most int) int
//
// It follows the frame pointers from its caller on. A frame pointer that does not lie a little above the one before is none
// of this stack (code that C called back): then the result is negative. Nothing can move the stack meanwhile, for a goroutine
// is not preempted in assembly.
TEXT ·walk(SB), NOSPLIT, $0-24
	MOVQ pcs+0(FP), DI
	MOVQ most+8(FP), CX
	MOVQ BP, SI
	XORQ AX, AX
next:
	CMPQ AX, CX
	JGE  done
	MOVQ 8(SI), DX
	MOVQ DX, (DI)(AX*8)
	INCQ AX
	MOVQ (SI), BX
	TESTQ BX, BX
	JEQ  done
	MOVQ BX, DX
	SUBQ SI, DX
	CMPQ DX, $65536
	JCC  lost
	MOVQ BX, SI
	JMP  next
lost:
	NEGQ AX
done:
	MOVQ AX, ret+16(FP)
	RET
