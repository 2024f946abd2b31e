#include <pthread.h>
#include <stdint.h>

#include "_cgo_export.h"

extern uintptr_t _cgo_topofstack(void);

uintptr_t top(void) { return _cgo_topofstack(); }

static void call(uintptr_t what) { called(what); }

// with_register calls Go with a value of its own where a frame pointer would be, as code may that was built without them.
#ifdef __x86_64__
__attribute__((noinline)) void with_register(uintptr_t value, uintptr_t what) {
	__asm__ volatile(
		"subq $128, %%rsp\n\t" // beyond what the compiler keeps below the stack pointer
		"pushq %%rbp\n\t"
		"movq %%rsp, %%r12\n\t"
		"andq $-16, %%rsp\n\t"
		"movq %0, %%rbp\n\t"
		"call *%1\n\t"
		"movq %%r12, %%rsp\n\t"
		"popq %%rbp\n\t"
		"addq $128, %%rsp\n\t"
		: "+a"(value)
		: "r"((void (*)(uintptr_t))call), "D"(what)
		: "r12", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
}
#else
void with_register(uintptr_t value, uintptr_t what) { call(what); }
#endif

static void *start(void *what) {
	with_register(1, (uintptr_t)what);
	return 0;
}

void on_thread(uintptr_t what) {
	pthread_t t;
	if (pthread_create(&t, 0, start, (void *)what) == 0) pthread_join(t, 0);
}
