// What the assembly checks: the registers that a call must leave as they are.
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

#if defined(__x86_64__)
enum { register_count = 6 };  // rbx rbp r12 r13 r14 r15
#elif defined(__aarch64__)
enum { register_count = 19 };  // x19–x29, then d8–d15
#endif

// Fills the registers with `values`, calls `call(argument)` and returns a mask of those that have changed: bit n for
// values[n].
uint64_t registers_changed_by(const uint64_t values[register_count], void (*call)(void *argument), void *argument);

#endif
