// C++ exceptions that are being handled: C++'s runtime keeps them for each thread, and they belong to a stack.

#include "CTasklets.h"

// The library of C++'s runtime may not be there at all.
extern void *__cxa_get_globals(void) __attribute__((weak));

static stack_exceptions none;
_Thread_local stack_exceptions *thread_exceptions = &none;

void thread_exceptions_watch(void) {
    if (__cxa_get_globals != NULL) thread_exceptions = __cxa_get_globals();
}

// Not instrumented: see stack_sanitizer_leave.
#if defined(__clang__)
__attribute__((disable_sanitizer_instrumentation))
#endif
void stack_switch_with_exceptions(stack_context *parked, stack_context *target) {
    const stack_exceptions mine = *thread_exceptions;
    *thread_exceptions = (stack_exceptions){0};
    stack_switch_registers(parked, target);
    *thread_exceptions = mine;
}
